// SPDX-License-Identifier: Apache-2.0
package dev.weir.runtime.process;

import static dev.weir.runtime.ProviderContract.NAME;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.model.Target;
import dev.weir.model.spec.EngineSpec;
import dev.weir.model.spec.EngineType;
import dev.weir.model.spec.TargetSpec;
import dev.weir.model.spec.TargetSpec.ProviderType;
import dev.weir.model.status.NoStatus;
import dev.weir.model.status.ReplicaState;
import dev.weir.model.value.Metadata;
import dev.weir.model.value.ReplicaName;
import dev.weir.runtime.ObservedReplica;
import dev.weir.runtime.Provider;
import dev.weir.runtime.ProviderContract;
import dev.weir.runtime.ReplicaIntent;
import dev.weir.runtime.TestModelServer;
import dev.weir.runtime.TestModelServer.Mood;
import dev.weir.runtime.Watcher;
import dev.weir.runtime.probe.GenerationProbe;
import dev.weir.runtime.process.ProcessTable.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Shared set-up for tests of the process provider: real children in a temporary folder, and a
/// check that none of them is left.
abstract class ProcessTests {
  protected static final String JAVA = ProcessHandle.current().info().command().orElseThrow();
  protected static final long MAX_LOG = 20_000;
  protected static final ProcessTable TABLE = new ProcFs();

  @TempDir protected Path folder;

  protected Provider provider;
  protected Watcher watcher;

  @SuppressWarnings("NullAway.Init")
  protected ProcessTests() {}

  @BeforeEach
  void openProvider() {
    provider = open();
    watcher = new Watcher(provider);
  }

  protected Provider open() {
    return provider(options(folder));
  }

  protected static ProcessProviderOptions options(Path folder) {
    Map<String, String> own =
        Map.of(
            "PATH", "/usr/bin:/bin", "HOME", "/tmp", "WEIR_SECRET", "topsecret", "OTHER", "unseen");
    return new ProcessProviderOptions(
        folder,
        List.of(
            JAVA,
            "-cp",
            System.getProperty("java.class.path"),
            "-XX:TieredStopAtLevel=1",
            "-Xmx32m",
            TestModelServer.class.getName(),
            "{port}"),
        own,
        InstantSource.system(),
        System::nanoTime,
        ProviderContract.QUICK,
        GenerationProbe.Limits.DEFAULT,
        MAX_LOG,
        TABLE,
        LaunchPoints.NONE);
  }

  protected static Provider provider(ProcessProviderOptions options) {
    TargetSpec spec =
        new TargetSpec(
            ProviderType.PROCESS,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            allowed(options.folder()));
    return new ProcessProviderFactory(options)
        .open(new Target(Metadata.of("", "local"), spec, new NoStatus()));
  }

  /// Programs that tests may run: the shell and the programs in their folder.
  private static List<String> allowed(Path folder) {
    return List.of("/bin/sh", "sh", "nowhere", folder + "/program", folder.toString());
  }

  protected static ReplicaIntent server(Mood mood, int warmUpRequests) {
    return server(NAME, mood, warmUpRequests);
  }

  protected static ReplicaIntent server(ReplicaName name, Mood mood, int warmUpRequests) {
    return intent(
        name,
        new EngineSpec(EngineType.SIM, List.of(), List.of(mood.name()), Optional.empty(), Map.of()),
        Duration.ofSeconds(60),
        warmUpRequests);
  }

  protected static ReplicaIntent intent(
      ReplicaName name, EngineSpec engine, Duration startupTimeout, int warmUpRequests) {
    return new ReplicaIntent(
        name,
        "hash-1",
        engine,
        "chat",
        startupTimeout,
        Optional.empty(),
        warmUpRequests,
        Optional.empty(),
        Optional.empty());
  }

  /// A program with its arguments.
  protected static ReplicaIntent program(
      List<String> command, List<String> args, Map<String, String> env) {
    return intent(
        NAME,
        new EngineSpec(new EngineType("vllm"), command, args, Optional.empty(), env),
        Duration.ofSeconds(60),
        0);
  }

  protected static ReplicaIntent shell(String script, Map<String, String> env) {
    return program(
        List.of("/bin/sh", "-c", script),
        List.of("sh", "{port}", "{host}", "{model}", "{version}"),
        env);
  }

  protected static ReplicaIntent shell(String script) {
    return shell(script, Map.of());
  }

  @AfterEach
  void assertNoProcessLeft() throws Exception {
    provider.close(); // two providers on one folder would conflict
    try (Provider last = open()) {
      endAll(last);
    }
    assertThat(left()).isEmpty();
  }

  protected static void endAll(Provider provider) throws InterruptedException {
    Watcher end = new Watcher(provider);
    for (ObservedReplica replica : provider.observe()) {
      provider.stop(replica.name(), Duration.ZERO);
      if (replica.state() != ReplicaState.STOPPED) {
        end.await(replica.name(), ReplicaState.STOPPED);
      }
    }
  }

  /// Living processes that write into this test's folder or belong to a launch recorded there.
  private List<Entry> left() throws IOException {
    Path real = folder.toRealPath();
    return living(entry ->
        TABLE.marks(entry.pid()).outputs().stream().anyMatch(path -> path.startsWith(real)));
  }

  protected static List<Entry> living(Predicate<Entry> wanted) {
    return TABLE.all().stream().filter(entry -> !entry.zombie() && wanted.test(entry)).toList();
  }

  protected static List<Entry> group(long group) {
    return living(entry -> entry.group() == group);
  }

  protected static boolean runs(long pid) {
    return TABLE.find(pid).filter(entry -> !entry.zombie()).isPresent();
  }

  /// Living processes with this variable in their initial environment.
  protected static List<Long> withVariable(String name, String value) {
    return living(entry -> environment(entry.pid()).contains(name + "=" + value)).stream()
        .map(Entry::pid)
        .toList();
  }

  private static List<String> environment(long pid) {
    try {
      byte[] all = Files.readAllBytes(Path.of("/proc/" + pid + "/environ"));
      return List.of(new String(all, StandardCharsets.ISO_8859_1).split("\0", -1));
    } catch (IOException e) {
      return List.of(); // it has ended
    }
  }

  /// The pid that a script wrote into a file.
  protected static long pidIn(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  /// Waits at most a minute for a condition that no provider reports.
  protected static boolean eventually(Callable<Boolean> condition) throws Exception {
    for (int poll = 0; poll < 3_000; poll++) {
      if (condition.call()) {
        return true;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
    return false;
  }

  /// Files with this name anywhere in the provider's folder.
  protected List<Path> files(String glob) throws IOException {
    var matcher = folder.getFileSystem().getPathMatcher("glob:" + glob);
    try (Stream<Path> all = Files.walk(folder.resolve("local"))) {
      return all.filter(Files::isRegularFile)
          .filter(file -> matcher.matches(file.getFileName()))
          .toList();
    }
  }

  protected void awaitFile(String glob) throws Exception {
    assertThat(eventually(() -> !files(glob).isEmpty())).isTrue();
  }
}
