// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials.crash;

import dev.weir.client.NewKeyRequest;
import dev.weir.client.WeirApiException;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirUnreachableException;
import dev.weir.model.spec.RoleBindingSpec.Role;
import dev.weir.model.value.Metadata;
import dev.weir.trials.setup.WeirProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// A control plane that dies on order and is restarted at once, one gateway, clients that always
/// send requests, and an observer of every snapshot.
final class CrashStack implements AutoCloseable {
  private static final Duration LONG = Duration.ofMinutes(4);
  private static final Duration COUNTED = Duration.ofSeconds(20);
  private static final Duration AFTER_A_JUMP = Duration.ofSeconds(2);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final int CLIENTS = 6;
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(60);

  private final Path folder;
  private final CrashOrders orders;
  private final WeirProcess.Launch launch;
  private final Runnable whileDead;
  private final WeirProcess gateway;
  private final WeirClient client;
  private final SnapshotObserver snapshotObserver;
  private final CrashClients crowd;
  private final Thread reviver;
  private final AtomicReference<Optional<WhileDead>> killed =
      new AtomicReference<>(Optional.empty());
  private volatile WeirProcess control;
  private final AtomicInteger deaths = new AtomicInteger();
  private volatile boolean over;
  private volatile String reviverFailed = "";

  /// Version 1 is served from the start.
  ///
  /// @param whileDead what happens between each death and the next start
  CrashStack(WhileDead whileDead) throws IOException, InterruptedException {
    folder = Files.createTempDirectory("weir-crash");
    orders = new CrashOrders(Files.createDirectory(folder.resolve("orders")));
    this.whileDead = () -> whileDead.happens(folder.resolve("control"));
    launch =
        WeirProcess.Launch.control(folder, "control", freePort())
            .program(program())
            .environment(Map.of(DyingControl.ORDERS, orders.folder().toString()));
    control = WeirProcess.start(launch);
    client = control.client();
    Path gatewayKey = folder.resolve("control/gateway.key");
    gateway =
        WeirProcess.start(
            WeirProcess.Launch.gateway(
                folder, "gateway", control.control(), "--key", launch.gatewayKey()));
    chat().first(chat().manifest(1));
    snapshotObserver =
        new SnapshotObserver(
            control.control(), Files.readString(gatewayKey).strip(), "default/chat");
    crowd = new CrashClients(gateway.gateway(), inferenceKey(), CLIENTS, BETWEEN_QUESTIONS);
    reviver = Thread.ofPlatform().name("reviver").daemon().start(this::revive);
  }

  /// A change of the data folder between a death and the next start.
  @FunctionalInterface
  interface WhileDead {
    void happens(Path data);
  }

  private static List<String> program() {
    return List.of(
        System.getProperty("java.home") + "/bin/java",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        System.getProperty("java.class.path"),
        DyingControl.class.getName());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private String inferenceKey() {
    return client
        .issueKey(
            Metadata.DEFAULT_NAMESPACE,
            "trial",
            new NewKeyRequest(
                "trial", Optional.of(Role.INFERENCE), List.of(), false, Optional.empty()),
            "trial")
        .key();
  }

  private void revive() {
    try {
      while (!over) {
        if (control.ended(BETWEEN_LOOKS) && !over) {
          Optional<WhileDead> ours = killed.getAndSet(Optional.empty());
          ours.ifPresent(meanwhile -> meanwhile.happens(launch.data()));
          whileDead.run();
          boolean _ = orders.died();
          control = startAgain();
          int _ = deaths.addAndGet(ours.isPresent() ? 0 : 1);
        }
      }
    } catch (IOException | RuntimeException e) {
      reviverFailed = e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // The order can be to die before it is ready.
  private WeirProcess startAgain() throws IOException, InterruptedException {
    while (true) {
      try {
        return WeirProcess.start(launch);
      } catch (IOException e) {
        if (!orders.died()) {
          throw e;
        }
        int _ = deaths.incrementAndGet();
      }
    }
  }

  /// Orders to the control plane.
  CrashOrders orders() {
    return orders;
  }

  /// `kill -9` of the control plane as soon as it lives.
  ///
  /// @param meanwhile before it is started again
  void kill(WhileDead meanwhile) {
    until("the control plane runs", () -> control.alive());
    WeirProcess victim = control;
    killed.set(Optional.of(meanwhile));
    try {
      victim.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    until("the control plane is back", () -> control != victim);
  }

  /// A file of the trial's own.
  Path file(String name) {
    return folder.resolve(name);
  }

  /// The control plane's clock jumps, and it has a moment to see that.
  void later(Duration forward) {
    orders.jump(forward);
    LockSupport.parkNanos(AFTER_A_JUMP.toNanos());
  }

  /// Whether all of these were passed since they were last forgotten.
  boolean passed(String... points) {
    return orders.passed().containsAll(List.of(points));
  }

  /// The number of deaths of the control plane, without those by [#kill].
  int deaths() {
    return deaths.get();
  }

  /// Waits until a death is counted: what was started again answers before the count is made. A
  /// death that never came is for the caller to notice.
  void awaitDeath(int before) {
    long deadline = System.nanoTime() + COUNTED.toNanos();
    while (deaths.get() == before && System.nanoTime() < deadline) {
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  WeirClient client() {
    return client;
  }

  CrashClients crowd() {
    return crowd;
  }

  SnapshotObserver snapshotObserver() {
    return snapshotObserver;
  }

  /// Waits until something holds; while the control plane is dead nothing does.
  ///
  /// @throws AssertionError when it does not in four minutes
  void until(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + LONG.toNanos();
    while (!answered(holds)) {
      if (!reviverFailed.isEmpty() || System.nanoTime() > deadline) {
        throw new AssertionError("never came: " + what + "; " + reviverFailed);
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  /// The answer of the control plane, requested until the control plane is alive.
  <T> T asked(String what, Supplier<T> question) {
    AtomicReference<T> answer = new AtomicReference<>();
    until(
        "an answer to: " + what,
        () -> {
          answer.set(question.get());
          return true;
        });
    return answer.get();
  }

  private static boolean answered(BooleanSupplier asks) {
    try {
      return asks.getAsBoolean();
    } catch (WeirUnreachableException e) {
      return false;
    } catch (WeirApiException e) {
      if (e.status() >= 500 || e.status() == 409 || e.status() == 404) {
        return false;
      }
      throw e;
    }
  }

  /// Sends a request, and checks whether it was carried out before sending it again.
  void ask(String what, BooleanSupplier done, Runnable ask) {
    until(
        what,
        () -> {
          if (!done.getAsBoolean()) {
            ask.run();
          }
          return done.getAsBoolean();
        });
  }

  /// The operator of the Service that clients ask.
  CrashOperator chat() {
    return new CrashOperator(this, "chat");
  }

  /// A control plane that it has begun to start would run on after the trial, with its engines.
  private void awaitReviver() {
    try {
      reviver.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    over = true;
    awaitReviver();
    crowd.close();
    snapshotObserver.close();
    gateway.close();
    control.close();
    client.close();
  }
}
