// SPDX-License-Identifier: Apache-2.0
package dev.weir.server;

import dev.weir.cli.Checkup;
import dev.weir.cli.Finding;
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
record MachineCheckup(
    Map<String, String> environment,
    InstantSource clock,
    LongSupplier nanos,
    ProcessesOfPorts ports)
    implements Checkup {
  private static final int JAVA = 25;
  private static final Path PROC = Path.of("/proc/self/stat");
  private static final Duration SAMPLE = Duration.ofMillis(100);
  private static final Duration JUMP = Duration.ofMillis(50);

  @Override
  public List<Finding> findings(Optional<Path> data) {
    List<Finding> findings = new ArrayList<>();
    findings.add(java(Runtime.version().feature()));
    findings.add(tool("maven", "mvn", "install Maven 3.9; a build that is there runs without"));
    findings.add(
        tool("setsid", "setsid", "install util-linux: Weir starts no replicas without it"));
    findings.add(proc());
    findings.add(steadiness());
    if (Files.isReadable(PROC)) {
      findings.addAll(
          new OrphanCheckup(
                  new ProcFs(),
                  clock,
                  nanos,
                  used -> new DataCheckup(used, clock).user().isPresent())
              .findings());
    }
    settings(data, findings);
    return findings;
  }

  static Finding java(int feature) {
    String found = Runtime.version() + " in " + System.getProperty("java.home");
    return feature >= JAVA
        ? Finding.ok("java", found)
        : Finding.problem("java", found, "install JDK " + JAVA + " or set JAVA_HOME to one");
  }

  private Finding tool(String check, String program, String todo) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .map(path -> Finding.ok(check, path.toString()))
        .orElseGet(() -> Finding.warning(check, "there is no " + program + " on the PATH", todo));
  }

  private static Finding proc() {
    return Files.isReadable(PROC)
        ? Finding.ok("/proc", "is readable")
        : Finding.warning(
            "/proc",
            "is missing, so replicas can't be told from strangers",
            "use Linux for targets of provider process");
  }

  /// A wall clock that is being set forth and back makes leases and expiry dates lie.
  private Finding steadiness() {
    Instant wall = clock.instant();
    long monotonic = nanos.getAsLong();
    LockSupport.parkNanos(SAMPLE.toNanos());
    Duration passed = Duration.ofNanos(nanos.getAsLong() - monotonic);
    Duration jumped = Duration.between(wall, clock.instant()).minus(passed).abs();
    return jumped.compareTo(JUMP) <= 0
        ? Finding.ok("clock", "runs steadily, it is " + wall)
        : Finding.warning(
            "clock",
            "jumped by " + jumped.toMillis() + " ms while being looked at",
            "let NTP slew it instead of stepping it");
  }

  // --- what a start would use

  private void settings(Optional<Path> data, List<Finding> findings) {
    Configuration configuration;
    try {
      Map<Setting, String> flags =
          data.map(folder -> Map.of(Setting.DATA, folder.toString())).orElse(Map.of());
      configuration = Configuration.load(Optional.empty(), environment, flags);
      findings.add(Finding.ok("settings", "can be used; `weir config` prints them"));
    } catch (ConfigurationException e) {
      findings.add(
          Finding.problem(
              "settings", String.valueOf(e.getMessage()), "mend the WEIR_ variables it names"));
      return;
    }
    for (String name : Variables.strange(environment)) {
      findings.add(
          Finding.warning(
              "settings", name + " means nothing to Weir", "unset it unless it is your own"));
    }
    DataCheckup folder = new DataCheckup(configuration.path(Setting.DATA), clock);
    findings.addAll(folder.findings());
    for (Setting listener : List.of(Setting.GATEWAY, Setting.CONTROL)) {
      findings.add(port(listener, configuration.address(listener), folder.user()));
      configuration.tls(listener).ifPresent(files -> certificate(listener, files, findings));
    }
  }

  private Finding port(Setting listener, Address address, Optional<Long> weir) {
    String check = listener.key() + " port";
    Optional<String> taken = taken(address);
    if (taken.isEmpty()) {
      return Finding.ok(check, address + " is free");
    }
    Optional<Long> owner = ports.listener(address.port());
    if (owner.isPresent() && owner.equals(weir)) {
      return Finding.ok(check, address + " is used by this Weir, pid " + owner.get());
    }
    String who = owner.map(MachineCheckup::described).orElse("by a process that can't be seen");
    return Finding.warning(
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

  private void certificate(Setting listener, TlsFiles files, List<Finding> findings) {
    String check = listener.key() + " TLS";
    switch (files.read()) {
      case Read.Usable usable -> findings.add(validity(check, usable.pair()));
      case Read.Unusable unusable ->
          findings.add(Finding.problem(check, unusable.why(), "put a pair that fits there"));
    }
    if (files.keyIsPublic()) {
      findings.add(
          Finding.warning(
              check, "everybody on this machine can read " + files.key(), "chmod 600 it"));
    }
  }

  private Finding validity(String check, TlsPair pair) {
    Duration left = Duration.between(clock.instant(), pair.expires());
    String todo = "renew it; Weir reads the files again by itself";
    if (left.isNegative()) {
      return Finding.problem(check, "has expired: " + pair, todo);
    }
    return left.compareTo(TlsWatch.WARNS_BEFORE) <= 0
        ? Finding.warning(check, "expires in " + left.toDays() + " days: " + pair, todo)
        : Finding.ok(check, pair.toString());
  }
}
