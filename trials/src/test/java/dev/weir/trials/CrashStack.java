// SPDX-License-Identifier: Apache-2.0
package dev.weir.trials;

import dev.weir.client.Endpoint;
import dev.weir.client.IssueRequest;
import dev.weir.client.WeirApiException;
import dev.weir.client.WeirClient;
import dev.weir.client.WeirUnreachableException;
import dev.weir.control.crash.CrashPoint;
import dev.weir.model.Kind;
import dev.weir.model.Metadata;
import dev.weir.model.ResourceRef;
import dev.weir.model.RoleBindingSpec.Role;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.trials.crash.Crowd;
import dev.weir.trials.crash.DyingControl;
import dev.weir.trials.crash.Pictures;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
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
import java.util.function.Predicate;
import java.util.function.Supplier;

/// A control plane that dies to order and is started again at once, one gateway beside it, clients
/// that never stop asking, and somebody who looks at every snapshot.
final class CrashStack implements AutoCloseable {
  private static final Duration LONG = Duration.ofMinutes(4);
  private static final Duration COUNTED = Duration.ofSeconds(20);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final int CLIENTS = 6;
  private static final Duration BETWEEN_QUESTIONS = Duration.ofMillis(60);

  private final Path folder;
  private final Path order;
  private final Weir.Launch launch;
  private final Runnable whileDead;
  private final Weir gateway;
  private final WeirClient client;
  private final Pictures pictures;
  private final Crowd crowd;
  private volatile Weir control;
  private final AtomicInteger deaths = new AtomicInteger();
  private volatile boolean over;
  private volatile String reviverFailed = "";

  /// @param firstManifest what is served before the first release
  /// @param whileDead what happens between each death and the next start
  CrashStack(String firstManifest, WhileDead whileDead) throws IOException, InterruptedException {
    folder = Files.createTempDirectory("weir-crash");
    order = folder.resolve("crash-at");
    this.whileDead = () -> whileDead.happens(folder.resolve("control"));
    launch =
        Weir.Launch.of(folder, "control", "control", "--control", "127.0.0.1:" + freePort())
            .program(program())
            .environment(Map.of(DyingControl.ORDER_FILE, order.toString()));
    control = Weir.start(launch);
    client = new WeirClient(Endpoint.of(URI.create(control.control()), control.adminKey()));
    Path gatewayKey = folder.resolve("control/gateway.key");
    gateway =
        Weir.start(
            Weir.Launch.of(
                folder,
                "gateway",
                "gateway",
                "--gateway",
                "127.0.0.1:0",
                "--control",
                control.control(),
                "--key",
                "file:" + gatewayKey));
    client.apply(firstManifest, false, "trial");
    until("the first version serves", () -> stable().isPresent());
    pictures = new Pictures(control.control(), Files.readString(gatewayKey).strip());
    crowd = new Crowd(gateway.gateway(), inferenceKey(), CLIENTS, BETWEEN_QUESTIONS);
    Thread _ = Thread.ofPlatform().name("reviver").daemon().start(this::revive);
  }

  /// What happens to the data folder between a death and the next start.
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
            new IssueRequest(
                "trial", Optional.of(Role.INFERENCE), List.of(), false, Optional.empty()),
            "trial")
        .key();
  }

  private void revive() {
    try {
      while (!over) {
        if (control.ended(BETWEEN_LOOKS) && !over) {
          Files.deleteIfExists(order);
          whileDead.run();
          control = Weir.start(launch);
          int _ = deaths.incrementAndGet();
        }
      }
    } catch (IOException | RuntimeException e) {
      reviverFailed = e.toString();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The control plane dies when it next passes the point.
  void dieAt(CrashPoint point) throws IOException {
    DyingControl.order(order, point);
  }

  /// Nobody dies any more.
  void live() throws IOException {
    Files.deleteIfExists(order);
  }

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

  Crowd crowd() {
    return crowd;
  }

  Pictures pictures() {
    return pictures;
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

  /// What the control plane answers, asked until it lives to do so.
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

  /// Somebody asks for something, and looks whether it was done before asking again.
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

  Service service() {
    return (Service) client.get(ResourceRef.of(Kind.SERVICE, Metadata.DEFAULT_NAMESPACE, "chat"));
  }

  Optional<String> stable() {
    return service().status().stable().map(stable -> stable.version().version());
  }

  /// The newest rollout to a version.
  Optional<Rollout> rollout(int version) {
    return newest(rollout -> rollout.spec().to().version().equals(Integer.toString(version)));
  }

  Optional<Rollout> newest(Predicate<Rollout> wanted) {
    return client.list(Kind.ROLLOUT, Metadata.DEFAULT_NAMESPACE).items().stream()
        .map(Rollout.class::cast)
        .filter(wanted)
        .reduce((a, b) -> number(a) > number(b) ? a : b);
  }

  private static int number(Rollout rollout) {
    String name = rollout.metadata().name();
    return Integer.parseInt(name.substring(name.lastIndexOf('-') + 1));
  }

  @Override
  public void close() {
    over = true;
    crowd.close();
    pictures.close();
    gateway.close();
    control.close();
    client.close();
  }
}
