// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.snapshot.ControlLink;
import dev.weir.snapshot.ControlLink.Published;
import dev.weir.snapshot.LatencyBuckets;
import dev.weir.snapshot.RequestSource;
import dev.weir.snapshot.RoutingSnapshot;
import dev.weir.snapshot.RoutingSnapshot.Arm;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.Generated;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import dev.weir.snapshot.SnapshotCodec;
import dev.weir.snapshot.SnapshotFormats;
import dev.weir.snapshot.StoreHead;
import dev.weir.snapshot.Telemetry;
import dev.weir.snapshot.Telemetry.ArrivalSlice;
import dev.weir.snapshot.Telemetry.FastSlice;
import dev.weir.snapshot.Telemetry.InFlight;
import dev.weir.snapshot.Telemetry.Outcome;
import dev.weir.snapshot.Telemetry.ReplicaSlice;
import dev.weir.snapshot.Telemetry.RequestRecord;
import dev.weir.snapshot.TelemetryAck;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A gateway without requests: it draws what its requests would have been like. Its clock is an
/// hour ahead of everybody's, which nobody may notice.
public final class SimulatedGateway {
  private static final long AHEAD_MILLIS = 3_600_000;
  private static final int TICKS_PER_SLICE = 10;
  private static final RoutingSnapshot NOTHING =
      new RoutingSnapshot(
          RoutingSnapshot.FORMAT_VERSION,
          0,
          0,
          Instant.EPOCH,
          StoreHead.UNKNOWN,
          1,
          List.of(),
          List.of(),
          List.of());

  private final String id;
  private String boot;
  private final Random random;
  private int requestsPerTick;
  private final Map<String, Behaviour> behaviours;
  private final Deque<Telemetry> unacknowledged = new ArrayDeque<>();
  private final Map<String, Long> nextSlice = new HashMap<>();
  private final Map<String, Integer> running = new TreeMap<>();
  private final List<RequestRecord> drawn = new ArrayList<>();
  private final List<RequestRecord> asked = new ArrayList<>();
  private Published serving = SnapshotCodec.publish(NOTHING);
  private boolean connected = true;
  private boolean frozen;
  private long batch;
  private long leaseUntil = Long.MIN_VALUE;
  private long sliceStart;
  private int ticks;
  private int canaryServed;
  private long heardMillis;
  private final Deque<Told> windows = new ArrayDeque<>();
  private boolean weather;
  private double load;
  private int burst;

  /// A half second, and the tick at which nothing can happen to it any more.
  private record Told(FastSlice window, int tick) {}

  /// How a version answers.
  ///
  /// @param quality mean grade of its answers, 0 to 1
  public record Behaviour(double errorRate, double ttftSeconds, double quality) {
    public Behaviour(double errorRate, double ttftSeconds) {
      this(errorRate, ttftSeconds, .9);
    }
  }

  public SimulatedGateway(
      String id, long seed, int requestsPerTick, Map<String, Behaviour> behaviours) {
    this.id = id;
    this.boot = id + "-boot";
    this.random = new Random(seed);
    this.requestsPerTick = requestsPerTick;
    this.behaviours = behaviours;
  }

  /// From now on no client sends a request.
  public void stopTraffic() {
    requestsPerTick = 0;
  }

  /// From now on there are load that wanders and bursts, both arms alike, and fast failures are
  /// told.
  public void weather() {
    weather = true;
  }

  /// Sends heartbeats from now on, but takes no newer snapshot.
  public void freeze() {
    frozen = true;
  }

  public void thaw() {
    frozen = false;
  }

  /// Says from now on that it serves other bytes than it was given.
  void garble(String hash) {
    serving = new Published(serving.snapshot(), hash);
  }

  public void disconnect() {
    connected = false;
  }

  public void connect() {
    connected = true;
  }

  /// Streams that run on a replica from now on.
  public void running(String replica, int count) {
    running.put(replica, count);
  }

  int running(String replica) {
    return running.getOrDefault(replica, 0);
  }

  /// Dies with all its streams; another run begins from the snapshot on disk.
  void restart() {
    boot += "+";
    batch = 0;
    running.clear();
    drawn.clear();
    asked.clear();
    nextSlice.clear();
    unacknowledged.clear();
    leaseUntil = Long.MIN_VALUE;
  }

  /// Whether it was silent for so long that nobody waits for it any more.
  boolean givenUp() {
    return now - heardMillis > 600_000;
  }

  /// Answers that a version under test has given.
  public int canaryServed() {
    return canaryServed;
  }

  /// Whether requests may go to the version that this rollout tries.
  boolean feeds(String rollout) {
    return leased() && canary().filter(arm -> arm.rollout().equals(rollout)).isPresent();
  }

  Published serving() {
    return serving;
  }

  boolean routesTo(String service, String replica) {
    return entry(service).stream()
        .flatMap(s ->
            Stream.concat(
                Stream.of(s.stable()),
                leased() ? s.canary().stream().map(CanaryArm::arm) : Stream.of()))
        .flatMap((Arm arm) -> arm.replicas().stream())
        .anyMatch(r -> r.name().equals(replica));
  }

  private long now;

  /// Half a second of life: take the newest snapshot, serve, have something to report.
  void tick(Published newest, long millis) {
    now = millis;
    if (connected && !frozen && newest.snapshot().sequence() != serving.snapshot().sequence()) {
      List<ArrivalSlice> arrivals = new ArrayList<>();
      List<RequestRecord> records = new ArrayList<>();
      close(arrivals, records);
      serving = newest;
      enqueue(List.of(), arrivals, records);
    }
    serve();
    List<ArrivalSlice> arrivals = new ArrayList<>();
    List<RequestRecord> records = new ArrayList<>();
    List<ReplicaSlice> slices = List.of();
    if (++ticks % TICKS_PER_SLICE == 0) {
      slices = replicaSlices();
      close(arrivals, records);
    }
    enqueue(slices, arrivals, records);
  }

  private void enqueue(
      List<ReplicaSlice> slices, List<ArrivalSlice> arrivals, List<RequestRecord> records) {
    unacknowledged.add(
        new Telemetry(
            id,
            boot,
            ++batch,
            "test",
            SnapshotFormats.READABLE,
            serving.snapshot().sequence(),
            serving.hash(),
            now + AHEAD_MILLIS,
            0,
            slices,
            arrivals,
            records,
            toldNow(),
            List.of(),
            running.entrySet().stream()
                .filter(e -> e.getValue() > 0)
                .map(e -> new InFlight("default/chat", e.getKey(), e.getValue()))
                .toList()));
  }

  /// Sends every batch twice, as a gateway does whose acknowledgements get lost.
  void send(ControlLink link) {
    while (connected && !unacknowledged.isEmpty()) {
      try {
        Telemetry next = unacknowledged.peek();
        TelemetryAck _ = link.send(next);
        heardMillis = now;
        TelemetryAck ack = link.send(next);
        if (ack.leaseMillis() > 0) {
          leaseUntil = now + ack.leaseMillis();
        } else {
          leaseUntil = Long.MIN_VALUE;
        }
        if (ack.batch() < next.batch()) {
          return;
        }
        unacknowledged.remove();
      } catch (IOException e) {
        return;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void serve() {
    wander();
    int before = drawn.size();
    for (CanaryArm canary : canary().stream().toList()) {
      double weight = leased() ? canary.weightMillionths() / 1e6 : 0;
      String stable = entry("default/chat").orElseThrow().stable().version();
      for (int i = 0; i < requestsPerTick; i++) {
        if (isShadow(canary)) {
          mirror(canary, stable);
          continue;
        }
        boolean toCanary = random.nextDouble() < weight && !canary.arm().replicas().isEmpty();
        canaryServed += toCanary ? 1 : 0;
        drawn.add(draw(canary.rollout(), toCanary, toCanary ? canary.arm().version() : stable));
      }
      if (weather && leased()) {
        windows.add(new Told(window(canary, drawn.subList(before, drawn.size())), ticks + 3));
      }
      ask(canary, stable);
    }
  }

  /// What it asks by itself in half a second.
  private void ask(CanaryArm canary, String stable) {
    int count = leased() ? canary.generated().millihertz() / 2_000 : 0;
    for (int i = 0; i < count; i++) {
      boolean toCanary = random.nextBoolean();
      asked.add(draw(canary.rollout(), toCanary, toCanary ? canary.arm().version() : stable));
    }
  }

  private void wander() {
    if (weather) {
      load = .98 * load + .03 * random.nextGaussian();
      burst = burst > 0 ? burst - 1 : random.nextInt(600) == 0 ? random.nextInt(80) : 0;
    }
  }

  private FastSlice window(CanaryArm canary, List<RequestRecord> rows) {
    int[] all = new int[2];
    int[] failed = new int[2];
    for (RequestRecord row : rows) {
      int arm = row.canary() ? 0 : 1;
      all[arm]++;
      failed[arm] += row.outcome() == Outcome.FAILURE ? 1 : 0;
    }
    long end = now + AHEAD_MILLIS;
    return new FastSlice(
        canary.rollout(),
        canary.step(),
        share(canary),
        end - 500,
        end,
        stratum(canary),
        all[0],
        failed[0],
        all[1],
        failed[1]);
  }

  private List<FastSlice> toldNow() {
    List<FastSlice> told = new ArrayList<>();
    while (!windows.isEmpty() && windows.peek().tick() <= ticks) {
      told.add(windows.remove().window());
    }
    return told;
  }

  private static boolean isShadow(CanaryArm canary) {
    return canary.mirrorMillionths() > 0 && canary.weightMillionths() == 0;
  }

  private static RequestSource stratum(CanaryArm canary) {
    return isShadow(canary) ? RequestSource.MIRRORED : RequestSource.CLIENTS;
  }

  /// The canary's, in millionths, of the requests that count.
  private static int share(CanaryArm canary) {
    return isShadow(canary) ? Generated.HALF_MILLIONTHS : canary.weightMillionths();
  }

  /// The stable version answers; of the share that is mirrored both halves count.
  private void mirror(CanaryArm canary, String stable) {
    if (leased() && random.nextDouble() < canary.mirrorMillionths() / 1e6) {
      drawn.add(draw(canary.rollout(), false, stable));
      drawn.add(draw(canary.rollout(), true, canary.arm().version()));
    }
  }

  private RequestRecord draw(String rollout, boolean canary, String version) {
    Behaviour behaviour = behaviours.getOrDefault(version, new Behaviour(0, .2));
    double errors = behaviour.errorRate() * Math.exp(load) * (burst > 0 ? 3 : 1);
    double slow = Math.exp(load + (burst > 0 ? .8 : 0));
    boolean fails = random.nextDouble() < errors;
    long ttft = micros(behaviour.ttftSeconds() * slow * Math.exp(.2 * random.nextGaussian()));
    long itl = micros(.02 * Math.exp(.3 * load) * Math.exp(.1 * random.nextGaussian()));
    return new RequestRecord(
            rollout,
            0,
            drawn.size(),
            canary,
            fails ? Outcome.FAILURE : Outcome.SUCCESS,
            fails ? -1 : ttft,
            fails ? -1 : itl,
            fails ? 1_000 : ttft + 50 * itl,
            fails ? 0 : 50,
            false)
        .graded(grade(behaviour, fails));
  }

  /// Every answer of the sample is graded, around the mean of its version.
  private int grade(Behaviour behaviour, boolean fails) {
    int share = canary().map(arm -> arm.grading().shareMillionths()).orElse(0);
    if (share == 0 || random.nextInt(Generated.HALF_MILLIONTHS * 2) >= share) {
      return Telemetry.NOT_GRADED;
    }
    double score = behaviour.quality() + .1 * random.nextGaussian();
    return fails ? Telemetry.NO_GRADE : (int) Math.round(Math.clamp(score, 0, 1) * Telemetry.BEST);
  }

  private void close(List<ArrivalSlice> arrivals, List<RequestRecord> records) {
    for (CanaryArm canary : canary().stream().toList()) {
      long slice = nextSlice.merge(canary.rollout(), 1L, Long::sum) - 1;
      int toCanary = (int) drawn.stream().filter(RequestRecord::canary).count();
      arrivals.add(
          new ArrivalSlice(
              canary.rollout(),
              canary.step(),
              slice,
              serving.snapshot().sequence(),
              leased() ? share(canary) : 0,
              sliceStart + AHEAD_MILLIS,
              now + AHEAD_MILLIS,
              stratum(canary),
              toCanary,
              drawn.size() - toCanary));
      numbered(drawn, slice, records);
    }
    canary().filter(c -> !asked.isEmpty()).ifPresent(c -> closeAsked(c, arrivals, records));
    drawn.clear();
    asked.clear();
    sliceStart = now;
  }

  private void closeAsked(
      CanaryArm canary, List<ArrivalSlice> arrivals, List<RequestRecord> records) {
    long slice = nextSlice.merge(canary.rollout(), 1L, Long::sum) - 1;
    int toCanary = (int) asked.stream().filter(RequestRecord::canary).count();
    arrivals.add(
        new ArrivalSlice(
            canary.rollout(),
            canary.step(),
            slice,
            serving.snapshot().sequence(),
            Generated.HALF_MILLIONTHS,
            sliceStart + AHEAD_MILLIS,
            now + AHEAD_MILLIS,
            canary.generated().stratum(),
            toCanary,
            asked.size() - toCanary));
    numbered(asked, slice, records);
  }

  private static void numbered(List<RequestRecord> rows, long slice, List<RequestRecord> records) {
    for (int i = 0; i < rows.size(); i++) {
      RequestRecord row = rows.get(i);
      records.add(
          new RequestRecord(
                  row.rollout(),
                  slice,
                  i,
                  row.canary(),
                  row.outcome(),
                  row.ttftMicros(),
                  row.itlMicros(),
                  row.e2eMicros(),
                  row.outputTokens(),
                  row.truncated())
              .graded(row.quality()));
    }
  }

  private List<ReplicaSlice> replicaSlices() {
    return entry("default/chat").stream()
        .map(service -> {
          Map<Integer, Long> ttft = new HashMap<>();
          Map<Integer, Long> itl = new HashMap<>();
          Map<Integer, Long> e2e = new HashMap<>();
          for (int i = 0; i < requestsPerTick * TICKS_PER_SLICE; i++) {
            RequestRecord row = draw("", false, service.stable().version());
            if (row.outcome() == Outcome.SUCCESS) {
              ttft.merge(LatencyBuckets.indexOfMicros(row.ttftMicros()), 1L, Long::sum);
              itl.merge(LatencyBuckets.indexOfMicros(row.itlMicros()), 1L, Long::sum);
              e2e.merge(LatencyBuckets.indexOfMicros(row.e2eMicros()), 1L, Long::sum);
            }
          }
          return new ReplicaSlice(
              service.id(),
              service.stable().version(),
              "any",
              0,
              1,
              100,
              0,
              0,
              0,
              0,
              0,
              0,
              ttft,
              itl,
              e2e,
              Map.of());
        })
        .toList();
  }

  private boolean leased() {
    return now < leaseUntil;
  }

  private Optional<CanaryArm> canary() {
    return entry("default/chat").flatMap(s -> s.canary().stream().findFirst());
  }

  private Optional<ServiceEntry> entry(String service) {
    return serving.snapshot().services().stream().filter(s -> s.id().equals(service)).findFirst();
  }

  private static long micros(double seconds) {
    return Math.round(seconds * 1e6);
  }
}
