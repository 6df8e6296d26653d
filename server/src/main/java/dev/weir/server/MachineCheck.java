// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.CheckResult;
import dev.weir.cli.DoctorCheck;
import dev.weir.runtime.process.ProcFs;
import dev.weir.server.tls.TlsFiles;
import dev.weir.server.tls.TlsFiles.Read;
import dev.weir.server.tls.TlsPair;
import dev.weir.server.tls.TlsWatch;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// What `weir doctor` sees of this machine: what Weir needs of it, the settings that a start would
/// have, the ports, the data folder, the certificates, engines that no Weir runs. It changes
/// nothing.
///
/// @param nanos monotonic
record MachineCheck(
    Map<String, String> environment, InstantSource clock, LongSupplier nanos, PortOwners ports)
    implements DoctorCheck {
  private static final int JAVA = 25;
  private static final Path PROC = Path.of("/proc/self/stat");
  private static final Duration SAMPLE = Duration.ofMillis(100);
  private static final Duration JUMP = Duration.ofMillis(50);

  @Override
  public List<CheckResult> findings(Optional<Path> data) {
    List<CheckResult> findings = new ArrayList<>();
    findings.add(java(Runtime.version().feature()));
    findings.add(tool("maven", "mvn", "install Maven 3.9; a build that is there runs without"));
    findings.add(
        tool("setsid", "setsid", "install util-linux: Weir starts no replicas without it"));
    findings.add(proc());
    findings.add(steadiness());
    if (Files.isReadable(PROC)) {
      findings.addAll(
          new OrphanCheck(
                  new ProcFs(),
                  clock,
                  nanos,
                  used -> new DataFolderCheck(used, clock).user().isPresent())
              .findings());
    }
    settings(data, findings);
    return findings;
  }

  static CheckResult java(int feature) {
    String found = Runtime.version() + " in " + System.getProperty("java.home");
    return feature >= JAVA
        ? CheckResult.ok("java", found)
        : CheckResult.problem("java", found, "install JDK " + JAVA + " or set JAVA_HOME to one");
  }

  private CheckResult tool(String check, String program, String todo) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .map(path -> CheckResult.ok(check, path.toString()))
        .orElseGet(
            () -> CheckResult.warning(check, "there is no " + program + " on the PATH", todo));
  }

  private static CheckResult proc() {
    return Files.isReadable(PROC)
        ? CheckResult.ok("/proc", "is readable")
        : CheckResult.warning(
            "/proc",
            "is missing, so Weir cannot identify its own replica processes",
            "use Linux for targets of provider process");
  }

  /// A wall clock that is being set forth and back makes leases and expiry dates lie.
  private CheckResult steadiness() {
    Instant wall = clock.instant();
    long monotonic = nanos.getAsLong();
    LockSupport.parkNanos(SAMPLE.toNanos());
    Duration passed = Duration.ofNanos(nanos.getAsLong() - monotonic);
    Duration jumped = Duration.between(wall, clock.instant()).minus(passed).abs();
    return jumped.compareTo(JUMP) <= 0
        ? CheckResult.ok("clock", "runs steadily, it is " + wall)
        : CheckResult.warning(
            "clock",
            "jumped by " + jumped.toMillis() + " ms while being looked at",
            "let NTP slew it instead of stepping it");
  }

  // --- what a start would use

  private void settings(Optional<Path> data, List<CheckResult> findings) {
    Configuration configuration;
    try {
      Map<Setting, String> flags =
          data.map(folder -> Map.of(Setting.DATA, folder.toString())).orElse(Map.of());
      configuration = Configuration.load(Optional.empty(), environment, flags);
      findings.add(CheckResult.ok("settings", "can be used; `weir config` prints them"));
    } catch (ConfigurationException e) {
      findings.add(
          CheckResult.problem(
              "settings", String.valueOf(e.getMessage()), "mend the WEIR_ variables it names"));
      return;
    }
    for (String name : EnvironmentVariables.unrecognised(environment)) {
      findings.add(
          CheckResult.warning(
              "settings", name + " means nothing to Weir", "unset it unless it is your own"));
    }
    DataFolderCheck folder = new DataFolderCheck(configuration.path(Setting.DATA), clock);
    findings.addAll(folder.findings());
    for (Setting listener : List.of(Setting.GATEWAY, Setting.CONTROL)) {
      findings.add(port(listener, configuration.address(listener), folder.user()));
      configuration.tls(listener).ifPresent(files -> certificate(listener, files, findings));
    }
  }

  private CheckResult port(Setting listener, Address address, Optional<Long> weir) {
    String check = listener.key() + " port";
    Optional<String> taken = taken(address);
    if (taken.isEmpty()) {
      return CheckResult.ok(check, address + " is free");
    }
    Optional<Long> owner = ports.listener(address.port());
    if (owner.isPresent() && owner.equals(weir)) {
      return CheckResult.ok(check, address + " is used by this Weir, pid " + owner.get());
    }
    String who = owner.map(MachineCheck::described).orElse("by a process that can't be seen");
    return CheckResult.warning(
        check,
        address + " can't be listened on (" + taken.get() + "), it is used " + who,
        "stop that process or start Weir with --" + listener.key() + " HOST:PORT");
  }

  private static String described(long pid) {
    String command = ProcessHandle.of(pid).flatMap(p -> p.info().command()).orElse("?");
    return "by pid " + pid + " (" + command + ")";
  }

  /// Why the address cannot be had.
  private static Optional<String> taken(Address address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getByName(address.host()), address.port()));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(UsageException.why(e));
    }
  }

  private void certificate(Setting listener, TlsFiles files, List<CheckResult> findings) {
    String check = listener.key() + " TLS";
    switch (files.read()) {
      case Read.Usable usable -> findings.add(validity(check, usable.pair()));
      case Read.Unusable unusable ->
          findings.add(CheckResult.problem(check, unusable.why(), "put a pair that fits there"));
    }
    if (files.keyIsPublic()) {
      findings.add(
          CheckResult.warning(
              check, "every user of this machine can read " + files.key(), "chmod 600 it"));
    }
  }

  private CheckResult validity(String check, TlsPair pair) {
    Duration left = Duration.between(clock.instant(), pair.expires());
    String todo = "renew it; Weir reads the files again by itself";
    if (left.isNegative()) {
      return CheckResult.problem(check, "has expired: " + pair, todo);
    }
    return left.compareTo(TlsWatch.WARNS_BEFORE) <= 0
        ? CheckResult.warning(check, "expires in " + left.toDays() + " days: " + pair, todo)
        : CheckResult.ok(check, pair.toString());
  }
}
