// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.Admission;
import dev.weir.snapshot.RoutingSnapshot.CanaryArm;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One [AdmissionQueue] for each service that received requests; survives snapshot swaps.
public final class AdmissionQueues {
  private static final Logger LOG = LoggerFactory.getLogger(AdmissionQueues.class);

  private final IntSupplier gateways;
  private final Executor owner;
  private final LongSupplier nanoTime;
  private final Map<String, AdmissionQueue> admissionQueues = new ConcurrentHashMap<>();

  /// @param gateways number of live gateways, including this one, from 1
  /// @param owner runs all queue operations sequentially
  public AdmissionQueues(IntSupplier gateways, Executor owner, LongSupplier nanoTime) {
    this.gateways = gateways;
    this.owner = owner;
    this.nanoTime = nanoTime;
  }

  /// A slot, or empty when the request must [#enqueue].
  public Optional<ConcurrencySlot> tryAcquire(ServiceEntry service) {
    return admissionQueue(service).tryAcquire();
  }

  /// A slot for optional work: only while no request waits, and only from half of the slots.
  public Optional<ConcurrencySlot> tryAcquireSpare(ServiceEntry service) {
    return admissionQueue(service).tryAcquireSpare();
  }

  /// Adds a request to the queue.
  ///
  /// @return removes the request from the queue when its client disconnects
  public Runnable enqueue(
      ServiceEntry service, AdmissionRequest request, QueueListener queueListener) {
    return admissionQueue(service).enqueue(request, queueListener);
  }

  private AdmissionQueue admissionQueue(ServiceEntry service) {
    AdmissionQueue admissionQueue =
        admissionQueues.computeIfAbsent(service.id(), _ -> new AdmissionQueue(owner, nanoTime));
    configure(admissionQueue, service);
    return admissionQueue;
  }

  /// Includes the bulkhead's limit, so that the bulkhead never rejects a request that could have
  /// waited in the queue.
  private int maximum(ServiceEntry service) {
    int part = Math.ceilDiv(service.admission().maxRunning(), gateways.getAsInt());
    return Math.min(part, service.isolation().maxInFlight());
  }

  /// Without replicas, requests are queued only if they may wait for a replica. Otherwise they
  /// proceed and fail with the reason.
  private void configure(AdmissionQueue admissionQueue, ServiceEntry service) {
    Admission rules = service.admission();
    admissionQueue.configure(
        maximum(service),
        hasReplicas(service) || rules.waitForReplicaMillis() == 0,
        TimeUnit.MILLISECONDS.toNanos(service.timeouts().firstTokenMillis()));
  }

  /// Whether any version of the service has a replica.
  public static boolean hasReplicas(ServiceEntry service) {
    return !service.stable().replicas().isEmpty()
        || service.canary().stream().map(CanaryArm::arm).anyMatch(arm -> !arm.replicas().isEmpty());
  }

  /// Processes waiting requests. Call it every 50 ms or so.
  ///
  /// @param services current services by id; requests that wait for a removed service proceed and
  ///   fail with the reason
  public void tick(Function<String, Optional<ServiceEntry>> services) {
    admissionQueues
        .entrySet()
        .removeIf(admissionQueue ->
            admissionQueue.getValue().waiting() == 0
                && services.apply(admissionQueue.getKey()).isEmpty());
    admissionQueues.forEach((id, admissionQueue) -> {
      services
          .apply(id)
          .ifPresentOrElse(
              service -> configure(admissionQueue, service),
              () -> admissionQueue.configure(0, /* open= */ true, 0));
      int before = admissionQueue.capacity();
      admissionQueue.tick();
      logCapacityChange(id, before, admissionQueue.capacity());
    });
  }

  private static void logCapacityChange(String service, int before, int now) {
    if (before == 0 && now > 0) {
      LOG.atWarn()
          .addKeyValue("event", "capacity.reached")
          .addKeyValue("service", service)
          .addKeyValue("running", now)
          .log(
              "First tokens take more than half of firstToken; further requests wait in "
                  + "the admission queue");
    } else if (before > 0 && now == 0) {
      LOG.atInfo()
          .addKeyValue("event", "capacity.enough")
          .addKeyValue("service", service)
          .log("The concurrency of a Service is no longer limited");
    }
  }

  /// Number of services whose concurrency is currently limited to what their engines can take.
  public long limited() {
    return admissionQueues.values().stream()
        .filter(admissionQueue -> admissionQueue.capacity() > 0)
        .count();
  }

  /// Number of waiting requests.
  public int waiting() {
    return admissionQueues.values().stream().mapToInt(AdmissionQueue::waiting).sum();
  }
}
