// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway;

import dev.weir.gateway.exchange.AdmittedRequest;
import dev.weir.gateway.exchange.AttemptEnd;
import dev.weir.gateway.exchange.AuthResult;
import dev.weir.gateway.exchange.Authenticator;
import dev.weir.gateway.exchange.CompletedRequest;
import dev.weir.gateway.exchange.Failure;
import dev.weir.gateway.exchange.HeaderView;
import dev.weir.gateway.exchange.IndexedSnapshot;
import dev.weir.gateway.exchange.RequestRecorder;
import dev.weir.gateway.exchange.SnapshotHolder;
import dev.weir.gateway.exchange.load.LoopLag;
import dev.weir.gateway.listener.ListenerLimits;
import dev.weir.gateway.recording.Recordings;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.Backend;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.ReplicaEntry;
import dev.weir.snapshot.RoutingSnapshot.RouteEntry;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.RoutingSnapshot.Timeouts;
import dev.weir.snapshot.StoreHead;
import dev.weir.testkit.FakeModelServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import javax.net.ssl.SSLContext;

/// A gateway on a real socket with one loop, a seeded random generator, and recorders that store
/// what they get.
public final class GatewayFixture implements AutoCloseable {
  static final String KEY = "good";

  /// A secret in Weir's own environment.
  static final String VARIABLE = "REPLICA_KEY";

  static final String SECRET = "s3cret-of-a-replica";

  /// An address where another part of Weir listens.
  static final int OTHER_PORT = 9;

  public static final Timeouts LONG = new Timeouts(5_000, 20_000, 20_000, 40_000);
  static final KeyEntry PLAIN =
      new KeyEntry("sha256:1", "app", "default", Long.MAX_VALUE, List.of(), false);
  static final KeyEntry PINNING =
      new KeyEntry("sha256:2", "ops", "default", Long.MAX_VALUE, List.of(), true);

  final Holder snapshots = new Holder();
  final Keys keys = new Keys();
  public final Memory recorder = new Memory();
  public final Gateway gateway;
  HttpClient http = newClient();
  private final List<FakeModelServer> servers = new ArrayList<>();
  private final AtomicLong skippedNanos = new AtomicLong();
  private long sequence;

  public GatewayFixture() {
    this(ListenerLimits.DEFAULT);
  }

  public GatewayFixture(ListenerLimits limits) {
    this(limits, Optional.empty());
  }

  GatewayFixture(ListenerLimits limits, Optional<SSLContext> tls) {
    this(limits, tls, Recordings.none());
  }

  GatewayFixture(ListenerLimits limits, Set<String> allowedOrigins) {
    this(limits, Optional.empty(), Recordings.none(), allowedOrigins);
  }

  GatewayFixture(ListenerLimits limits, Optional<SSLContext> tls, Recordings recordings) {
    this(limits, tls, recordings, Set.of());
  }

  private GatewayFixture(
      ListenerLimits limits,
      Optional<SSLContext> tls,
      Recordings recordings,
      Set<String> allowedOrigins) {
    RandomGenerator.SplittableGenerator random =
        (RandomGenerator.SplittableGenerator)
            RandomGeneratorFactory.of("L64X128MixRandom").create(42);
    gateway =
        Gateway.start(
            new GatewayOptions("127.0.0.1", 0)
                .withLoops(1)
                .withLimits(limits)
                .withOtherParts(Set.of(OTHER_PORT), Map.of(VARIABLE, SECRET))
                .withTls(tls)
                .recordingTo(recordings)
                .allowing(allowedOrigins),
            snapshots,
            keys,
            recorder,
            () -> "weir_up 1\n".getBytes(StandardCharsets.UTF_8),
            random,
            () -> System.nanoTime() + skippedNanos.get());
  }

  /// Advances the gateway's clock.
  public void skip(Duration time) {
    skippedNanos.addAndGet(time.toNanos());
  }

  /// Uses a new connection from now on. After a jump of the clock the old one has exceeded its idle
  /// timeout and is closed.
  public void reconnect() {
    http.close();
    http = newClient();
  }

  private static HttpClient newClient() {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  }

  static final class Holder implements SnapshotHolder {
    volatile IndexedSnapshot current = IndexedSnapshot.NONE;
    volatile boolean lease = true;
    volatile int gateways = 1;

    @Override
    public IndexedSnapshot current() {
      return current;
    }

    @Override
    public boolean leaseRuns() {
      return lease;
    }

    @Override
    public int gateways() {
      return gateways;
    }

    @Override
    public Optional<String> notReadyReason() {
      return current.sequence() == 0 ? Optional.of("no snapshot yet") : Optional.empty();
    }
  }

  static final class Keys implements Authenticator {
    /// The entry of the key [#KEY].
    volatile KeyEntry plain = PLAIN;

    @Override
    public AuthResult authenticate(HeaderView headers, IndexedSnapshot current) {
      return switch (headers.first("authorization").orElse("")) {
        case "Bearer " + KEY -> new AuthResult.Allowed(plain);
        case "Bearer pinning" -> new AuthResult.Allowed(PINNING);
        default -> new AuthResult.Denied(401, "no such key", "invalid_api_key");
      };
    }
  }

  public static final class Memory implements RequestRecorder {
    final BlockingQueue<AdmittedRequest> arrivals = new LinkedBlockingQueue<>();
    public final BlockingQueue<AttemptEnd> attempts = new LinkedBlockingQueue<>();
    public final BlockingQueue<CompletedRequest> completed = new LinkedBlockingQueue<>();
    final BlockingQueue<Failure> refused = new LinkedBlockingQueue<>();
    final BlockingQueue<String> mirrored = new LinkedBlockingQueue<>();
    public final BlockingQueue<Long> firstTokens = new LinkedBlockingQueue<>();
    final BlockingQueue<AdmittedRequest> generated = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> generatedFirstTokens = new LinkedBlockingQueue<>();
    final BlockingQueue<AttemptEnd> generatedEnds = new LinkedBlockingQueue<>();
    final BlockingQueue<CompletedRequest> generatedFinished = new LinkedBlockingQueue<>();
    final BlockingQueue<AttemptEnd> copies = new LinkedBlockingQueue<>();
    final BlockingQueue<CompletedRequest> copiesFinished = new LinkedBlockingQueue<>();
    final BlockingQueue<String> overdue = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> sent = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> graded = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> copiesGraded = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> generatedGraded = new LinkedBlockingQueue<>();
    volatile String traceparent = "";

    @Override
    public RequestObserver arrived(AdmittedRequest arrival) {
      arrivals.add(arrival);
      return new RequestObserver() {
        @Override
        public void sent(int prefillTokens) {
          sent.add(prefillTokens);
        }

        @Override
        public void firstToken(long ttftMicros) {
          firstTokens.add(ttftMicros);
        }

        @Override
        public String traceparent() {
          return traceparent;
        }

        @Override
        public void overdue(long micros, boolean givenUp) {
          overdue.add(givenUp ? "given up" : "awaited");
        }

        @Override
        public void attemptEnded(AttemptEnd end) {
          attempts.add(end);
        }

        @Override
        public void finished(CompletedRequest end) {
          completed.add(end);
        }

        @Override
        public void mirrored(String service, String result) {
          mirrored.add(service + " " + result);
        }

        @Override
        public void graded(int thousandths) {
          graded.add(thousandths);
        }

        @Override
        public RequestObserver copy() {
          return ofCopy();
        }
      };
    }

    private RequestObserver ofCopy() {
      return new RequestObserver() {
        @Override
        public void firstToken(long ttftMicros) {
          // The end of the attempt reports it as well.
        }

        @Override
        public void attemptEnded(AttemptEnd end) {
          copies.add(end);
        }

        @Override
        public void finished(CompletedRequest end) {
          copiesFinished.add(end);
        }

        @Override
        public void graded(int thousandths) {
          copiesGraded.add(thousandths);
        }
      };
    }

    @Override
    public RequestObserver generated(AdmittedRequest arrival) {
      generated.add(arrival);
      return new RequestObserver() {
        @Override
        public void firstToken(long ttftMicros) {
          generatedFirstTokens.add(ttftMicros);
        }

        @Override
        public void attemptEnded(AttemptEnd end) {
          generatedEnds.add(end);
        }

        @Override
        public void finished(CompletedRequest end) {
          generatedFinished.add(end);
        }

        @Override
        public void graded(int thousandths) {
          generatedGraded.add(thousandths);
        }
      };
    }

    @Override
    public void refused(String requestId, String method, String path, Failure failure) {
      refused.add(failure);
    }

    public static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
      T next = queue.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing came within 20 s");
      }
      return next;
    }
  }

  public FakeModelServer server() {
    FakeModelServer server = FakeModelServer.start();
    servers.add(server);
    return server;
  }

  public static Arm arm(String version, FakeModelServer... servers) {
    List<ReplicaEntry> replicas = new ArrayList<>();
    for (int i = 0; i < servers.length; i++) {
      replicas.add(new ReplicaEntry("chat-" + version + "-" + i, servers[i].url(), "vllm", "chat"));
    }
    return new Arm("chat@" + version, replicas);
  }

  static CanaryArm canary(int weightMillionths, FakeModelServer... servers) {
    return new CanaryArm(arm("2", servers), "default/chat-1", 0, "salt", weightMillionths, true);
  }

  public GatewayFixture serve(FakeModelServer... stable) {
    return serve(service(arm("1", stable), List.of(), LONG));
  }

  public static ServiceEntry service(Arm stable, List<CanaryArm> canary, Timeouts timeouts) {
    return new ServiceEntry(
        "default/chat", "default", "chat", stable, canary, timeouts, 20, 3, true, "");
  }

  public GatewayFixture serve(ServiceEntry service) {
    return serve(
        List.of(
            new RouteEntry("chat", "default", List.of(new Backend("default/chat", 1))),
            new RouteEntry("secret", "other", List.of(new Backend("default/chat", 1)))),
        service);
  }

  public GatewayFixture serve(List<RouteEntry> routes, ServiceEntry... services) {
    RoutingSnapshot snapshot =
        new RoutingSnapshot(
            1,
            ++sequence,
            1,
            Instant.parse("2026-01-01T00:00:00Z"),
            StoreHead.UNKNOWN,
            30_000,
            List.of(PLAIN, PINNING),
            routes,
            List.of(services));
    snapshots.current = IndexedSnapshot.of(snapshot, "hash");
    return this;
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + gateway.port() + path))
        .timeout(Duration.ofSeconds(30))
        .header("authorization", "Bearer " + KEY);
  }

  public HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder builder =
        request(path)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .header("content-type", "application/json");
    for (int i = 0; i < headers.length; i += 2) {
      builder.setHeader(headers[i], headers[i + 1]);
    }
    return http.send(builder.build(), HttpResponse.BodyHandlers.ofString());
  }

  public HttpResponse<String> chat(String body, String... headers)
      throws IOException, InterruptedException {
    return post("/v1/chat/completions", body, headers);
  }

  /// The same without waiting for the answer.
  CompletableFuture<HttpResponse<String>> chatLater(String body, String... headers) {
    HttpRequest.Builder request =
        request("/v1/chat/completions")
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  public Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  public static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /// Sends raw bytes while the event loop is busy, which then continues late, and reads until the
  /// gateway closes.
  ///
  /// @param lateBy what the loop does before it continues
  public String rawWhileBusy(String text, Consumer<LoopLag> lateBy) throws IOException {
    try (Socket socket = socket()) {
      whileBusy(() -> send(socket, text), lateBy);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// Sends bytes while the event loop is busy.
  interface Sending {
    void send() throws IOException;
  }

  void whileBusy(Sending sending, Consumer<LoopLag> lateBy) throws IOException {
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch sent = new CountDownLatch(1);
    gateway.onLoop(lag -> {
      busy.countDown();
      await(sent);
      lateBy.accept(lag);
    });
    // A loop that has not started this task yet would read the bytes before it is busy.
    await(busy);
    sending.send();
    sent.countDown();
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Makes the loop overloaded. Call it on the loop.
  public void overload(LoopLag lag) {
    for (int i = 0; i < 6; i++) {
      skip(Duration.ofMillis(1_200));
      lag.tick(0);
    }
  }

  /// Sends raw bytes and reads until the gateway closes.
  public String raw(String text) throws IOException {
    try (Socket socket = socket()) {
      send(socket, text);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    gateway.close();
    servers.forEach(FakeModelServer::close);
    http.close();
  }
}
