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

/// Limits on requests, tokens and concurrency: of the key, of the tenant at the service, of the
/// service, in this order and all or nothing. Lives over snapshot swaps; shared by all event loops;
/// nobody waits. There is a meter only for who has a limit and has used some of it lately.
public final class Limiter {
  private final IntSupplier gateways;
  private final LongSupplier nanoTime;
  private final Map<Limit, LongAdder> refusals = new ConcurrentHashMap<>();
  private final Map<MeterId, Meter> meters = new ConcurrentHashMap<>();

  /// @param gateways that are live, this one included, from 1
  public Limiter(IntSupplier gateways, LongSupplier nanoTime) {
    this.gateways = gateways;
    this.nanoTime = nanoTime;
  }

  private record Limit(Scope scope, Limited what) {}

  private record MeterId(Scope scope, String service, String name) {}

  /// What the limits say.
  public sealed interface Verdict {
    record Admitted(Permit permit) implements Verdict {}

    record Refused(LimitRefusal refusal) implements Verdict {}
  }

  /// Asks for one request.
  ///
  /// @param tokens that it is expected to use, prompt and output
  public Verdict admit(KeyEntry key, ServiceEntry service, long tokens) {
    List<Claim> claims = claims(key, service);
    Optional<Claim> never =
        claims.stream()
            .filter(claim -> claim.whole().tokensPerMinute() > 0)
            .filter(claim -> tokens > claim.whole().tokensPerMinute())
            .findFirst();
    if (never.isPresent()) {
      return refused(LimitRefusal.never(never.get(), tokens), claims);
    }
    List<Claim> taken = new ArrayList<>(claims.size());
    for (Claim claim : claims) {
      Claim current = claim;
      Meter.Entry entry = enter(current, tokens);
      while (entry instanceof Meter.Entry.Retired) {
        current = claim(current.scope(), key, service, current.whole());
        entry = enter(current, tokens);
      }
      if (entry instanceof Meter.Entry.Exhausted(Limited what, long waitNanos)) {
        taken.forEach(other -> other.meter().undo(other.part(), tokens));
        return refused(LimitRefusal.now(current, what, waitNanos), claims);
      }
      taken.add(current);
    }
    return new Verdict.Admitted(new Permit(taken, tokens, nanoTime));
  }

  private Meter.Entry enter(Claim claim, long tokens) {
    return claim.meter().enter(claim.part(), nanoTime.getAsLong(), tokens);
  }

  private Verdict refused(LimitRefusal refusal, List<Claim> claims) {
    refusals
        .computeIfAbsent(new Limit(refusal.scope(), refusal.what()), _ -> new LongAdder())
        .increment();
    return new Verdict.Refused(refusal.with(RateHeaders.of(claims, nanoTime.getAsLong())));
  }

  private List<Claim> claims(KeyEntry key, ServiceEntry service) {
    List<Claim> claims = new ArrayList<>(Scope.values().length);
    add(claims, Scope.KEY, key, service, key.limits());
    add(claims, Scope.TENANT, key, service, service.admission().perTenant());
    add(claims, Scope.MODEL, key, service, service.admission().limits());
    return claims;
  }

  private void add(
      List<Claim> claims, Scope scope, KeyEntry key, ServiceEntry service, Limits whole) {
    if (!whole.equals(Limits.NONE)) {
      claims.add(claim(scope, key, service, whole));
    }
  }

  private Claim claim(Scope scope, KeyEntry key, ServiceEntry service, Limits whole) {
    MeterId id =
        switch (scope) {
          case KEY -> new MeterId(scope, "", key.hash());
          case TENANT -> new MeterId(scope, service.id(), key.tenant());
          case MODEL -> new MeterId(scope, service.id(), "");
        };
    Meter meter = meters.computeIfAbsent(id, _ -> new Meter(nanoTime));
    return new Claim(scope, meter, whole, Claim.part(whole, gateways.getAsInt()));
  }

  /// How often a limit turned a request away since the start.
  public long refusals(Scope scope, Limited what) {
    LongAdder count = refusals.get(new Limit(scope, what));
    return count == null ? 0 : count.sum();
  }

  /// Forgets who has nothing in flight and full buckets: a new meter would say the same. Call it
  /// every second or so.
  public void sweep() {
    long now = nanoTime.getAsLong();
    meters.values().removeIf(meter -> meter.retire(now));
  }

  /// How many meters there are.
  int size() {
    return meters.size();
  }
}
