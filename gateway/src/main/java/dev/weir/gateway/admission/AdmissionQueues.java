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

/// One [AdmissionQueue] for each service that was asked for; alive over snapshot swaps.
public final class AdmissionQueues {
  private static final Logger LOG = LoggerFactory.getLogger(AdmissionQueues.class);

  private final IntSupplier gateways;
  private final Executor owner;
  private final LongSupplier nanoTime;
  private final Map<String, AdmissionQueue> admissionQueues = new ConcurrentHashMap<>();

  /// @param gateways that are live, this one included, from 1
  /// @param owner runs everything about queues, one thing after the other
  public AdmissionQueues(IntSupplier gateways, Executor owner, LongSupplier nanoTime) {
    this.gateways = gateways;
    this.owner = owner;
    this.nanoTime = nanoTime;
  }

  /// A place at once, or empty when the request must [#enqueue] up.
  public Optional<ConcurrencySlot> tryAcquire(ServiceEntry service) {
    return admissionQueue(service).tryAcquire();
  }

  /// A place for what may be left undone: only while nobody waits, and half of the places stay for
  /// everybody else.
  public Optional<ConcurrencySlot> tryAcquireSpare(ServiceEntry service) {
    return admissionQueue(service).tryAcquireSpare();
  }

  /// Lines up.
  ///
  /// @return takes it out of the line when the guest is gone
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

  /// Where requests wait their turn, the bulkhead is one more bound of how many run: nobody who
  /// could wait is to be refused by it.
  private int maximum(ServiceEntry service) {
    int part = Math.ceilDiv(service.admission().maxRunning(), gateways.getAsInt());
    return Math.min(part, service.isolation().maxInFlight());
  }

  /// Without replicas requests go on only where nobody may wait for one: their end says why.
  private void configure(AdmissionQueue admissionQueue, ServiceEntry service) {
    Admission rules = service.admission();
    admissionQueue.configure(
        maximum(service),
        hasReplicas(service) || rules.waitForReplicaMillis() == 0,
        TimeUnit.MILLISECONDS.toNanos(service.timeouts().firstTokenMillis()));
  }

  /// Whether there is anybody to run on, of whichever version.
  public static boolean hasReplicas(ServiceEntry service) {
    return !service.stable().replicas().isEmpty()
        || service.canary().stream().map(CanaryArm::arm).anyMatch(arm -> !arm.replicas().isEmpty());
  }

  /// Looks after who waits. Call it every 50 ms or so.
  ///
  /// @param services by id, as they are now; who waits for one that is gone is let go on, to be
  ///   told so
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
      LOG.warn(
          "event=capacity.reached service={} running={} why=\"first tokens take more than half of"
              + " firstToken\" effect=\"what is more waits its turn here\"",
          service,
          now);
    } else if (before > 0 && now == 0) {
      LOG.info("event=capacity.enough service={}", service);
    }
  }

  /// Services of which no more is let run than their engines were found to take.
  public long limited() {
    return admissionQueues.values().stream()
        .filter(admissionQueue -> admissionQueue.capacity() > 0)
        .count();
  }

  /// Requests that wait now.
  public int waiting() {
    return admissionQueues.values().stream().mapToInt(AdmissionQueue::waiting).sum();
  }
}
