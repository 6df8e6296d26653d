// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.admission;

import dev.weir.snapshot.RoutingSnapshot.KeyEntry;
import dev.weir.snapshot.RoutingSnapshot.Limits;
import dev.weir.snapshot.RoutingSnapshot.ServiceEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/// Limits requests, tokens and concurrency per key, per tenant at a service, and per service, in
/// this order and all or nothing. Survives snapshot swaps; shared by all event loops without
/// blocking. A meter exists only for a key, tenant or service that has a limit and used it
/// recently.
public final class Limiter {
  private final IntSupplier gateways;
  private final LongSupplier nanoTime;
  private final Map<Limit, LongAdder> refusals = new ConcurrentHashMap<>();
  private final Map<MeterId, UsageMeter> meters = new ConcurrentHashMap<>();

  /// @param gateways number of live gateways, including this one, from 1
  public Limiter(IntSupplier gateways, LongSupplier nanoTime) {
    this.gateways = gateways;
    this.nanoTime = nanoTime;
  }

  private record Limit(LimitScope scope, LimitKind what) {}

  private record MeterId(LimitScope scope, String service, String name) {}

  /// The decision for one request.
  public sealed interface LimitDecision {
    record Admitted(Permit permit) implements LimitDecision {}

    record Refused(LimitRejection refusal) implements LimitDecision {}
  }

  /// Checks one request against all limits and charges it.
  ///
  /// @param tokens expected usage, prompt and output
  public LimitDecision admit(KeyEntry key, ServiceEntry service, long tokens) {
    List<AppliedLimit> claims = claims(key, service);
    Optional<AppliedLimit> impossible =
        claims.stream()
            .filter(claim -> claim.whole().tokensPerMinute() > 0)
            .filter(claim -> tokens > claim.whole().tokensPerMinute())
            .findFirst();
    if (impossible.isPresent()) {
      return refused(LimitRejection.never(impossible.get(), tokens), claims);
    }
    List<AppliedLimit> taken = new ArrayList<>(claims.size());
    for (AppliedLimit claim : claims) {
      AppliedLimit current = claim;
      UsageMeter.Entry entry = enter(current, tokens);
      while (entry instanceof UsageMeter.Entry.Retired) {
        current = claim(current.scope(), key, service, current.whole());
        entry = enter(current, tokens);
      }
      if (entry instanceof UsageMeter.Entry.Exhausted(LimitKind what, long waitNanos)) {
        taken.forEach(other -> other.meter().undo(other.part(), tokens));
        return refused(LimitRejection.now(current, what, waitNanos), claims);
      }
      taken.add(current);
    }
    return new LimitDecision.Admitted(new Permit(taken, tokens, nanoTime));
  }

  private UsageMeter.Entry enter(AppliedLimit claim, long tokens) {
    return claim.meter().enter(claim.part(), nanoTime.getAsLong(), tokens);
  }

  private LimitDecision refused(LimitRejection refusal, List<AppliedLimit> claims) {
    refusals
        .computeIfAbsent(new Limit(refusal.scope(), refusal.what()), _ -> new LongAdder())
        .increment();
    return new LimitDecision.Refused(refusal.with(RateHeaders.of(claims, nanoTime.getAsLong())));
  }

  private List<AppliedLimit> claims(KeyEntry key, ServiceEntry service) {
    List<AppliedLimit> claims = new ArrayList<>(LimitScope.values().length);
    add(claims, LimitScope.KEY, key, service, key.limits());
    add(claims, LimitScope.TENANT, key, service, service.admission().perTenant());
    add(claims, LimitScope.SERVICE, key, service, service.admission().limits());
    return claims;
  }

  private void add(
      List<AppliedLimit> claims,
      LimitScope scope,
      KeyEntry key,
      ServiceEntry service,
      Limits whole) {
    if (!whole.equals(Limits.NONE)) {
      claims.add(claim(scope, key, service, whole));
    }
  }

  private AppliedLimit claim(LimitScope scope, KeyEntry key, ServiceEntry service, Limits whole) {
    MeterId id =
        switch (scope) {
          case KEY -> new MeterId(scope, "", key.hash());
          case TENANT -> new MeterId(scope, service.id(), key.tenant());
          case SERVICE -> new MeterId(scope, service.id(), "");
        };
    UsageMeter meter = meters.computeIfAbsent(id, _ -> new UsageMeter(nanoTime));
    return new AppliedLimit(scope, meter, whole, AppliedLimit.part(whole, gateways.getAsInt()));
  }

  /// Number of requests that a limit rejected since the start.
  public long refusals(LimitScope scope, LimitKind what) {
    LongAdder count = refusals.get(new Limit(scope, what));
    return count == null ? 0 : count.sum();
  }

  /// Removes meters with nothing in flight and full buckets, which equal new ones. Call it every
  /// second or so.
  public void sweep() {
    long now = nanoTime.getAsLong();
    meters.values().removeIf(meter -> meter.retire(now));
  }

  /// Number of meters.
  int size() {
    return meters.size();
  }
}
