# SPDX-License-Identifier: Apache-2.0
# Sourced by ./weir and ./dev: finds JDK 25 and Maven, installs them when root, or prints what to install.
# shellcheck shell=bash

WEIR_JDK=25

say() { printf '%s\n' "$*" >&2; }

# Prints the major version of the JDK in folder $1; fails if the folder has no compiler.
jdk_major() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

find_jdk() {
  local home major on_path
  on_path=$(command -v javac 2>/dev/null) && on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  for home in "${JAVA_HOME:-}" "${on_path:-}" /usr/lib/jvm/* /opt/jdk* /opt/java/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$home" ] || continue
    major=$(jdk_major "$home") || continue
    [ "${major:-0}" -ge "$WEIR_JDK" ] && { printf '%s\n' "$home"; return 0; }
  done
  return 1
}

# Installs a package with this system's package manager: $1 for apt, $2 for dnf, $3 for apk.
install_packages() {
  [ "$(id -u)" -eq 0 ] || return 1
  if command -v apt-get >/dev/null; then
    say "weir: installing $1 (apt-get)"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$1"; } >&2
  elif command -v dnf >/dev/null; then
    say "weir: installing $2 (dnf)"
    dnf install -y -q "$2" >&2
  elif command -v apk >/dev/null; then
    say "weir: installing $3 (apk)"
    apk add -q "$3" >&2
  else
    return 1
  fi
}

# Exports JAVA_HOME, or exits with a line that names the package to install.
need_jdk() {
  local home
  if ! home=$(find_jdk); then
    install_packages openjdk-25-jdk-headless java-25-openjdk-devel openjdk25 || true
    home=$(find_jdk) || {
      say "weir: JDK $WEIR_JDK not found: install it (Debian: apt-get install openjdk-25-jdk-headless) or set JAVA_HOME"
      exit 1
    }
  fi
  export JAVA_HOME="$home"
}

need_maven() {
  command -v mvn >/dev/null || install_packages maven maven maven || true
  command -v mvn >/dev/null || {
    say "weir: Maven 3.9 not found: install it (Debian: apt-get install maven)"
    exit 1
  }
}

# Suppresses warnings that Maven 3.9's libraries cause on JDK 25.
run_maven() {
  need_maven
  MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED" mvn -B "$@"
}
