# Writes vendor_free/html_entities.h from the table of HTML5's named character references that Python carries:
#     python3 test/vendor_free/html_entities.py >vendor_free/html_entities.h
import html
from html.entities import html5

print("""/* The named character references of HTML5, written by test/vendor_free/html_entities.py; no interface of the library.
 *
 * In the order of bytes; a name has its semicolon where the standard has it. A second code point of 0: there is none.
 */
#ifndef SPAE_HTML_ENTITIES_H
#define SPAE_HTML_ENTITIES_H

#include <stdint.h>
""")
rows = []
for name in sorted(html5):
    points = [ord(c) for c in html5[name]]
    assert len(points) in (1, 2) and all(c > 0 for c in points) and len(name) <= 32 and name.isascii()
    rows.append('{"%s", {%s, %s}}' % (name, hex(points[0]), hex(points[1]) if len(points) == 2 else "0"))
print("static const struct {\n    const char *name;\n    uint32_t code_point[2];\n} entity[%d] = {" % len(rows))
line = "   "
for row in rows:
    if len(line) + len(row) > 126:
        print(line)
        line = "   "
    line += " " + row + ","
print(line + "\n};\n")

# Of numbers 128..159, which people write for the characters of Windows-1252.
points = [ord(html.unescape("&#%d;" % c)) for c in range(128, 160)]
print("static const uint32_t of_windows[32] = {")
for i in range(0, 32, 16):
    print("    " + ", ".join(hex(c) for c in points[i:i + 16]) + ",")
print("};\n\n#endif")
