/* A small real HTTP server for the tests of the adapter: listens on a free port of the loopback, prints the port, and
 * answers one connection after the other as the request's path tells: /WHAT/v1/completions. Each request, headers and body,
 * is appended to the file LOG.
 *
 *     http_server_program LOG
 *
 * It ends when its standard input does, so that it never outlives the test. (No suite: names that end in _program are not.)
 */
#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_ROOM = 1 << 20 };

typedef struct {
    int socket;
    char text[REQUEST_ROOM + 1]; /* head and body, terminated */
    size_t length;
    const char *body;
    const char *log;
} connection;

static void send_all(const connection *c, const char *bytes, size_t n)
{
    while (n > 0) {
        const ssize_t sent = send(c->socket, bytes, n, 0);
        if (sent <= 0)
            return; /* the client has gone */
        bytes += sent;
        n -= (size_t)sent;
    }
}

static void send_text(const connection *c, const char *text)
{
    send_all(c, text, strlen(text));
}

/* The head of an answer that says it has `length` bytes. */
static void send_head(const connection *c, const char *status, size_t length)
{
    char head[200];
    snprintf(head, sizeof head,
             "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
             status, length);
    send_text(c, head);
}

static void answer(const connection *c, const char *status, const char *body)
{
    send_head(c, status, strlen(body));
    send_text(c, body);
}

static void ok(const connection *c, const char *body)
{
    answer(c, "200 OK", body);
}

/* ---- what it can say --------------------------------------------------------------------------------- */

/* n of the request's body; 1 when it says nothing. */
static int wanted(const connection *c)
{
    const char *n = strstr(c->body, "\"n\":");
    return n != NULL ? atoi(n + 4) : 1;
}

/* `count` choices, "a", "b" .. */
static void choices(const connection *c, int count, const char *before, const char *after)
{
    char body[4096] = "{\"id\":\"x\",\"choices\":[";
    for (int i = 0; i < count; i++)
        sprintf(body + strlen(body), "%s{\"index\":%d,%s%c%s,\"finish_reason\":\"stop\"}", i > 0 ? "," : "", i, before,
                'a' + i, after);
    strcat(body, "],\"usage\":{\"total_tokens\":5}}\n");
    ok(c, body);
}

static void good(const connection *c)
{
    choices(c, wanted(c), "\"text\":\"", "\"");
}

static void chat(const connection *c)
{
    choices(c, wanted(c), "\"message\":{\"role\":\"assistant\",\"content\":\"", "\"}");
}

/* One choice whatever n says, and each time another: the seed, as it was sent. */
static void one(const connection *c)
{
    const char *seed = strstr(c->body, "\"seed\":");
    char body[200];
    snprintf(body, sizeof body, "{\"choices\":[{\"text\":\"seed %d\",\"finish_reason\":\"length\"}]}",
             seed != NULL ? atoi(seed + 7) : -1);
    ok(c, body);
}

static void more(const connection *c)
{
    choices(c, wanted(c) + 1, "\"text\":\"", "\"");
}

static void none(const connection *c)
{
    ok(c, "{\"choices\":[]}");
}

static void no_choices(const connection *c)
{
    ok(c, "{\"object\":\"list\"}");
}

static void wrong_text(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":7,\"finish_reason\":\"stop\"}]}");
}

static void wrong_choice(const connection *c)
{
    ok(c, "{\"choices\":[\"a\"]}");
}

static void wrong_choices(const connection *c)
{
    ok(c, "{\"choices\":{\"text\":\"a\"}}");
}

static void wrong_reason(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":\"a\",\"finish_reason\":3}]}");
}

static void error_in_200(const connection *c)
{
    ok(c, "{\"error\":{\"message\":\"the model is still loading\"}}");
}

static void key(const connection *c)
{
    const char *due = "Authorization: Bearer a\"b\\c\r\n";
    if (strstr(c->text, due) != NULL)
        good(c);
    else
        answer(c, "401 Unauthorized", "{\"error\":{\"message\":\"Incorrect API key provided\",\"type\":\"x\"}}");
}

static void busy(const connection *c)
{
    answer(c, "429 Too Many Requests", "{\"error\":\"Rate limit\\nreached\"}");
}

static void broken(const connection *c)
{
    answer(c, "500 Internal Server Error", "<html>\n<b>out of memory</b></html>");
}

static void silent_500(const connection *c)
{
    answer(c, "500 Internal Server Error", "");
}

static void moved(const connection *c)
{
    send_text(c,
              "HTTP/1.1 302 Found\r\nLocation: /good/v1/completions\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

static void too_long_head(const connection *c)
{
    const char *body = "{\"choices\":[{\"text\":\"a\"}]}";
    send_head(c, "200 OK", strlen(body) + 50);
    send_text(c, body);
}

static void too_short_head(const connection *c)
{
    const char *body = "{\"choices\":[{\"text\":\"a\"}]}";
    send_head(c, "200 OK", strlen(body) - 4);
    send_text(c, body);
}

static void closed(const connection *c)
{
    (void)c;
}

static void closed_in_head(const connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\nContent-Le");
}

/* Longer than the client waits; in pieces, so that it ends when the client has gone. */
static void hangs(const connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
    struct pollfd gone = {c->socket, POLLIN, 0};
    (void)poll(&gone, 1, 20000);
}

static void malformed(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":\"a\"}]");
}

static void not_json(const connection *c)
{
    ok(c, "hello");
}

static void empty(const connection *c)
{
    ok(c, "");
}

static void not_utf8(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":\"\xC3(\"}]}");
}

static void zero(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":\"a\\u0000b\"}]}");
}

static void surrogates(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":\"\\ud83d\\ude00 \\u00e9\\t\\\"\\\\\\/\",\"finish_reason\":\"length\"}]}");
}

static void lone_surrogate(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":\"\\ud83d\"}]}");
}

static void chunked(const connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                 "c\r\n{\"choices\":[\r\n10\r\n{\"text\":\"chunks\"\r\n3\r\n}]}\r\n0\r\n\r\n");
}

static void chunked_cut(const connection *c)
{
    send_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{\"choices\":[\r\n");
}

static void null_content(const connection *c)
{
    ok(c, "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":null},\"finish_reason\":\"tool_calls\"}]}");
}

static void no_message(const connection *c)
{
    ok(c, "{\"choices\":[{\"text\":\"a\"}]}");
}

/* A text of 100,000 bytes: a whole answer, far longer than its tokens. */
static void long_text(const connection *c)
{
    static char body[100100];
    strcpy(body, "{\"choices\":[{\"text\":\"");
    memset(body + strlen(body), 'a', 100000);
    strcat(body, "\"}]}");
    ok(c, body);
}

/* 64 MiB without an end in sight. */
static void endless(const connection *c)
{
    char piece[8192 + 8] = "2000\r\n"; /* a chunk of 8192 bytes */
    memset(piece + 6, 'a', 8192);
    send_text(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n15\r\n{\"choices\":[{\"text\":\"\r\n");
    for (int i = 0; i < 8192; i++) {
        send_all(c, piece, 6 + 8192);
        send_text(c, "\r\n");
    }
}

/* Good for the first two requests that it ever gets, then 503, until a file LOG.up is there. */
static void sometimes(const connection *c)
{
    static int count = 0;
    char up[300];
    snprintf(up, sizeof up, "%s.up", c->log);
    if (count++ < 2 || access(up, F_OK) == 0)
        good(c);
    else
        answer(c, "503 Service Unavailable", "{\"error\":{\"message\":\"down for a while\"}}");
}

typedef struct {
    const char *path;
    void (*answer)(const connection *c);
} behaviour;

#define B(name)             \
    {                       \
        "/" #name "/", name \
    }
static const behaviour behaviours[] = {
    B(good),         B(chat),           B(one),           B(more),           B(none),          B(no_choices),
    B(wrong_text),   B(wrong_choice),   B(wrong_choices), B(wrong_reason),   B(error_in_200),  B(key),
    B(busy),         B(broken),         B(silent_500),    B(moved),          B(too_long_head), B(too_short_head),
    B(closed),       B(closed_in_head), B(hangs),         B(malformed),      B(not_json),      B(empty),
    B(not_utf8),     B(zero),           B(surrogates),    B(lone_surrogate), B(chunked),       B(chunked_cut),
    B(null_content), B(no_message),     B(long_text),     B(endless),        B(sometimes)};

/* ---- connections ------------------------------------------------------------------------------------- */

/* The head to its empty line, and as many bytes as it says. */
static bool receive(connection *c)
{
    size_t due = SIZE_MAX;
    c->length = 0;
    while (c->length < due && c->length < REQUEST_ROOM) {
        const ssize_t got = recv(c->socket, c->text + c->length, REQUEST_ROOM - c->length, 0);
        if (got <= 0)
            return false;
        c->length += (size_t)got;
        c->text[c->length] = '\0';
        const char *end = strstr(c->text, "\r\n\r\n"), *said = strstr(c->text, "Content-Length: ");
        if (end != NULL) {
            c->body = end + 4;
            due = (size_t)(c->body - c->text) + (said != NULL && said < end ? strtoul(said + 16, NULL, 10) : 0);
        }
    }
    return c->length == due;
}

static void keep(const connection *c)
{
    FILE *log = fopen(c->log, "ab");
    if (log == NULL)
        exit(1);
    fwrite(c->text, 1, c->length, log);
    fputs("\n", log);
    fclose(log);
}

static void serve(connection *c)
{
    if (!receive(c))
        return;
    keep(c);
    const char *path = strchr(c->text, ' ');
    for (size_t i = 0; path != NULL && i < sizeof behaviours / sizeof behaviours[0]; i++)
        if (strncmp(path + 1, behaviours[i].path, strlen(behaviours[i].path)) == 0) {
            behaviours[i].answer(c);
            return;
        }
    answer(c, "404 Not Found", "{\"detail\":\"no such path\"}");
}

/* A socket on a free port of the loopback, which is printed. */
static int listen_here(void)
{
    struct sockaddr_in here;
    socklen_t size = sizeof here;
    memset(&here, 0, sizeof here);
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || bind(s, (struct sockaddr *)&here, sizeof here) != 0 || listen(s, 8) != 0 ||
        getsockname(s, (struct sockaddr *)&here, &size) != 0) {
        perror("http_server_program");
        exit(1);
    }
    printf("%u\n", (unsigned)ntohs(here.sin_port));
    fflush(stdout);
    return s;
}

int main(int argc, char **argv)
{
    static connection c;
    if (argc != 2)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    c.log = argv[1];
    struct pollfd events[2] = {{listen_here(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    for (;;) {
        if (poll(events, 2, -1) < 0 || events[1].revents != 0)
            return 0;
        c.socket = accept(events[0].fd, NULL, NULL);
        if (c.socket < 0)
            continue;
        serve(&c);
        close(c.socket);
    }
}
