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

/// One [Room] for each service that was asked for; alive over snapshot swaps.
public final class Rooms {
  private static final Logger LOG = LoggerFactory.getLogger(Rooms.class);

  private final IntSupplier gateways;
  private final Executor owner;
  private final LongSupplier nanoTime;
  private final Map<String, Room> rooms = new ConcurrentHashMap<>();

  /// @param gateways that are live, this one included, from 1
  /// @param owner runs everything about queues, one thing after the other
  public Rooms(IntSupplier gateways, Executor owner, LongSupplier nanoTime) {
    this.gateways = gateways;
    this.owner = owner;
    this.nanoTime = nanoTime;
  }

  /// A place at once, or empty when the request must [#line] up.
  public Optional<Seat> seatNow(ServiceEntry service) {
    return room(service).seatNow();
  }

  /// A place for what may be left undone: only while nobody waits, and half of the places stay for
  /// everybody else.
  public Optional<Seat> spareSeat(ServiceEntry service) {
    return room(service).spareSeat();
  }

  /// Lines up.
  ///
  /// @return takes it out of the line when the guest is gone
  public Runnable line(ServiceEntry service, WaitRequest request, Guest guest) {
    return room(service).line(request, guest);
  }

  private Room room(ServiceEntry service) {
    Room room = rooms.computeIfAbsent(service.id(), _ -> new Room(owner, nanoTime));
    configure(room, service);
    return room;
  }

  /// Where requests wait their turn, the bulkhead is one more bound of how many run: nobody who
  /// could wait is to be refused by it.
  private int maximum(ServiceEntry service) {
    int part = Math.ceilDiv(service.admission().maxRunning(), gateways.getAsInt());
    return Math.min(part, service.isolation().maxInFlight());
  }

  /// Without replicas requests go on only where nobody may wait for one: their end says why.
  private void configure(Room room, ServiceEntry service) {
    Admission rules = service.admission();
    room.configure(
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
    rooms
        .entrySet()
        .removeIf(
            room -> room.getValue().waiting() == 0 && services.apply(room.getKey()).isEmpty());
    rooms.forEach((id, room) -> {
      services
          .apply(id)
          .ifPresentOrElse(
              service -> configure(room, service), () -> room.configure(0, /* open= */ true, 0));
      int before = room.capacity();
      room.tick();
      tell(id, before, room.capacity());
    });
  }

  private static void tell(String service, int before, int now) {
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
    return rooms.values().stream().filter(room -> room.capacity() > 0).count();
  }

  /// Requests that wait now.
  public int waiting() {
    return rooms.values().stream().mapToInt(Room::waiting).sum();
  }
}
