// SPDX-License-Identifier: Apache-2.0
package dev.weir.server.machine;

import dev.weir.cli.doctor.CheckResult;
import dev.weir.cli.doctor.DoctorCheck;
import dev.weir.runtime.process.ProcFs;
import dev.weir.server.configuration.Address;
import dev.weir.server.configuration.Configuration;
import dev.weir.server.configuration.ConfigurationException;
import dev.weir.server.configuration.EnvironmentVariables;
import dev.weir.server.configuration.Setting;
import dev.weir.server.configuration.UsageException;
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

/// Checks this machine for `weir doctor`: required programs, effective settings, ports, data
/// folder, certificates and orphaned engines. It changes nothing.
///
/// @param nanos monotonic clock
public record MachineCheck(
    Map<String, String> environment, InstantSource clock, LongSupplier nanos, PortOwners ports)
    implements DoctorCheck {
  private static final int JAVA = 25;
  private static final Path PROC = Path.of("/proc/self/stat");
  private static final Duration SAMPLE_TIME = Duration.ofMillis(100);
  private static final Duration MAX_JUMP = Duration.ofMillis(50);

  @Override
  public List<CheckResult> run(Optional<Path> data) {
    List<CheckResult> findings = new ArrayList<>();
    findings.add(java(Runtime.version().feature()));
    findings.add(tool("maven", "mvn", "install Maven 3.9; an existing build runs without it"));
    findings.add(
        tool("setsid", "setsid", "install util-linux: Weir cannot start replicas without it"));
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
        : CheckResult.problem("java", found, "install JDK " + JAVA + " or set JAVA_HOME");
  }

  private CheckResult tool(String check, String program, String remedy) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .map(path -> CheckResult.ok(check, path.toString()))
        .orElseGet(() -> CheckResult.warning(check, program + " is not on the PATH", remedy));
  }

  private static CheckResult proc() {
    return Files.isReadable(PROC)
        ? CheckResult.ok("/proc", "is readable")
        : CheckResult.warning(
            "/proc",
            "not available, so Weir cannot identify its replica processes",
            "use Linux for targets with provider process");
  }

  /// Leases and expiry dates depend on a wall clock that does not jump.
  private CheckResult steadiness() {
    Instant wall = clock.instant();
    long monotonic = nanos.getAsLong();
    LockSupport.parkNanos(SAMPLE_TIME.toNanos());
    Duration passed = Duration.ofNanos(nanos.getAsLong() - monotonic);
    Duration jumped = Duration.between(wall, clock.instant()).minus(passed).abs();
    return jumped.compareTo(MAX_JUMP) <= 0
        ? CheckResult.ok("clock", "is steady: " + wall)
        : CheckResult.warning(
            "clock",
            "jumped by " + jumped.toMillis() + " ms during the check",
            "configure NTP to slew the clock instead of stepping it");
  }

  // --- the effective settings

  private void settings(Optional<Path> data, List<CheckResult> findings) {
    Configuration configuration;
    try {
      Map<Setting, String> flags =
          data.map(folder -> Map.of(Setting.DATA, folder.toString())).orElse(Map.of());
      configuration = Configuration.load(Optional.empty(), environment, flags);
      findings.add(CheckResult.ok("settings", "are valid; `weir config` prints them"));
    } catch (ConfigurationException e) {
      findings.add(
          CheckResult.problem(
              "settings", String.valueOf(e.getMessage()), "fix the WEIR_ variables"));
      return;
    }
    for (String name : EnvironmentVariables.unrecognised(environment)) {
      findings.add(
          CheckResult.warning(
              "settings", "Weir does not use " + name, "unset it unless it is yours"));
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
    String user = owner.map(MachineCheck::described).orElse("by a process that is not visible");
    return CheckResult.warning(
        check,
        "cannot listen on " + address + " (" + taken.get() + "); it is used " + user,
        "stop that process or start Weir with --" + listener.key() + " HOST:PORT");
  }

  private static String described(long pid) {
    String command = ProcessHandle.of(pid).flatMap(p -> p.info().command()).orElse("?");
    return "by pid " + pid + " (" + command + ")";
  }

  /// The reason why binding to the address fails; empty if it is free.
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
          findings.add(
              CheckResult.problem(
                  check, unusable.why(), "replace certificate and key with a matching pair"));
    }
    if (files.keyIsPublic()) {
      findings.add(
          CheckResult.warning(
              check, "every user of this machine can read " + files.key(), "chmod 600 it"));
    }
  }

  private CheckResult validity(String check, TlsPair pair) {
    Duration left = Duration.between(clock.instant(), pair.expires());
    String remedy = "renew it; Weir reloads the files automatically";
    if (left.isNegative()) {
      return CheckResult.problem(check, "has expired: " + pair, remedy);
    }
    return left.compareTo(TlsWatch.WARNS_BEFORE) <= 0
        ? CheckResult.warning(check, "expires in " + left.toDays() + " days: " + pair, remedy)
        : CheckResult.ok(check, pair.toString());
  }
}
