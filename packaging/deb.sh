#!/usr/bin/env bash
# Builds a Debian package into target/debian, unpacks it and runs what is in it.
#
#   packaging/deb.sh
#
# Needs Rust, a C compiler, dpkg-deb and gzip. The package runs on this system's libc and newer ones.
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --locked --profile dist --bin mavi
version=$(target/dist/mavi --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
libc=$(dpkg-query --show --showformat '${Version}' libc6)
root=target/debian/root package=target/debian/mavi_${version}_$architecture.deb
rm -rf target/debian
install -D -m755 target/dist/mavi "$root/usr/bin/mavi"
install -D -m644 completions/mavi.bash "$root/usr/share/bash-completion/completions/mavi"
install -D -m644 completions/_mavi "$root/usr/share/zsh/vendor-completions/_mavi"
install -D -m644 completions/mavi.fish "$root/usr/share/fish/vendor_completions.d/mavi.fish"
install -d "$root/usr/share/man/man1" "$root/usr/share/doc/mavi"
for page in man/*.1; do
    gzip -9n <"$page" >"$root/usr/share/man/man1/$(basename "$page").gz"
done
install -m644 README.md LICENSE-MIT LICENSE-APACHE docs/*.md "$root/usr/share/doc/mavi"
gzip -9n <CHANGELOG.md >"$root/usr/share/doc/mavi/changelog.gz"
cat LICENSE-MIT >"$root/usr/share/doc/mavi/copyright"

mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: mavi
Version: $version
Architecture: $architecture
Maintainer: The mavi-upload authors <mavi-upload@localhost>
Section: utils
Priority: optional
Depends: libc6 (>= ${libc%-*}), libgcc-s1, ca-certificates
Installed-Size: $(du -sk --exclude DEBIAN "$root" | cut -f1)
Description: bulk uploader for the memories.ai MAVI service
 Uploads whole media libraries and maps every file to its asset id: streamed,
 hashed, within the account's limits, resumable at any moment.
END
dpkg-deb --root-owner-group --build "$root" "$package"

rm -rf "$root"
dpkg-deb --extract "$package" "$root"
packaging/try.sh "$root/usr/bin/mavi"
rm -rf "$root"
ls -l "$package"
