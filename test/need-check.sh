#!/bin/sh
# The tests need the Check library and pkg-config. Installs them where that takes no password, else says how.
pkg-config --exists check 2>/dev/null && exit 0
for way in 'apt-get:apt-get install -y check pkg-config' 'dnf:dnf install -y check-devel pkgconf' \
    'apk:apk add check-dev pkgconf' 'pacman:pacman -S --noconfirm check pkgconf' 'brew:brew install check pkg-config'; do
    command -v "${way%%:*}" >/dev/null || continue
    how=${way#*:}
    if [ "$(id -u)" = 0 ] || [ "${way%%:*}" = brew ]; then
        echo "the tests need Check: $how" >&2
        [ "${way%%:*}" = apt-get ] && apt-get update -qq
        $how >&2 && pkg-config --exists check && exit 0
    fi
    echo "the tests need the Check library; install it with: sudo $how" >&2
    exit 1
done
echo "the tests need the Check library (https://libcheck.github.io/check/) and pkg-config" >&2
exit 1
