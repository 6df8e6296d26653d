// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessControl;
import dev.weir.control.access.AccessDecision;
import dev.weir.control.access.AccessScope;
import dev.weir.control.access.AuthenticatedCaller;
import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.api.call.CallLimiter;
import dev.weir.control.api.call.ProblemException;
import dev.weir.control.api.call.ProblemType;
import dev.weir.model.Resource;
import dev.weir.model.value.Kind;
import dev.weir.store.CompactedException;
import dev.weir.store.Store;
import dev.weir.store.StoreEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Changes as server-sent events: `id` is the revision, `event` is `put` or `delete`, `data` is the
/// resource. A disconnected client continues with `Last-Event-ID` (or `after`) and misses nothing.
/// Without changes, a comment is sent periodically, so that a dead connection is detected.
final class WatchCalls {
  static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final int BATCH = 500;

  private final Store store;
  private final AccessControl accessControl;
  private final CallLimiter callLimiter;

  WatchCalls(Store store, AccessControl accessControl, CallLimiter callLimiter) {
    this.store = store;
    this.accessControl = accessControl;
    this.callLimiter = callLimiter;
  }

  ApiResponse watch(ApiCall call) {
    Set<Kind> kinds = kinds(call.query().getOrDefault("kinds", ""));
    long after = after(call);
    requireKept(after, kinds);
    return new ApiResponse.Stream(callLimiter, out -> run(call.caller(), kinds, after, out));
  }

  private void run(AuthenticatedCaller first, Set<Kind> kinds, long from, ApiResponse.Sink out)
      throws IOException, InterruptedException {
    out.write(": watching after " + from + "\n\n");
    long after = from;
    Optional<AuthenticatedCaller> caller = Optional.of(first);
    while (caller.isPresent()) {
      // Read the newest revision before the changes, so that they are complete up to it.
      long newest = store.revision();
      List<StoreEvent> events = store.changes(after, kinds, BATCH);
      send(events, caller.get(), out);
      if (events.size() == BATCH) {
        after = events.getLast().revision();
      } else {
        after = Math.max(newest, events.isEmpty() ? after : events.getLast().revision());
        if (store.awaitRevisionAfter(after, HEARTBEAT) <= after) {
          out.write(": heartbeat\n\n");
        }
      }
      caller = reauthorise(caller.get());
    }
  }

  private static void send(
      List<StoreEvent> events, AuthenticatedCaller caller, ApiResponse.Sink out)
      throws IOException {
    var text = new StringBuilder();
    for (StoreEvent event : events) {
      if (readable(event.resource(), caller)) {
        text.append("id: ").append(event.revision()).append('\n');
        text.append("event: ").append(event.deleted() ? "delete" : "put").append('\n');
        text.append("data: ")
            .append(ApiJson.text(ApiJson.resource(event.resource())))
            .append("\n\n");
      }
    }
    if (!text.isEmpty()) {
      out.write(text.toString());
    }
  }

  private static boolean readable(Resource resource, AuthenticatedCaller caller) {
    return caller.may(
        Permission.READ, AccessScope.reading(resource.kind(), resource.metadata().namespace()));
  }

  /// The key or the role may be revoked while a watch runs.
  private Optional<AuthenticatedCaller> reauthorise(AuthenticatedCaller caller) {
    return switch (accessControl.reauthenticate(caller)) {
      case AccessDecision.Allowed(AuthenticatedCaller now)
          when now.may(Permission.READ, AccessScope.ANYWHERE) ->
          Optional.of(now);
      case AccessDecision.Allowed _, AccessDecision.Unauthenticated _, AccessDecision.Forbidden _ ->
          Optional.empty();
    };
  }

  private long after(ApiCall call) {
    Optional<String> last = Optional.ofNullable(call.headers().get(ApiCall.LAST_EVENT_ID));
    if (last.isPresent() && !last.get().isBlank()) {
      return ApiCall.number("Last-Event-ID", last.get().strip());
    }
    return call.number("after").orElseGet(store::revision);
  }

  /// Responds with 410 before the stream starts, while a status can still be sent.
  private void requireKept(long after, Set<Kind> kinds) {
    if (after > store.revision()) {
      throw ProblemException.of(
          ProblemType.GONE,
          "revision "
              + after
              + " is not in the history of this store; list again and watch from there");
    }
    try {
      store.changes(after, kinds, 1);
    } catch (CompactedException e) {
      throw ProblemException.of(
              ProblemType.GONE, e.getMessage() + "; list again and watch from there")
          .with("oldest", e.oldest());
    }
  }

  private static Set<Kind> kinds(String text) {
    if (text.isBlank()) {
      return EnumSet.allOf(Kind.class);
    }
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    for (String word : text.split(",", -1)) {
      kinds.add(
          Kind.named(word.strip())
              .orElseThrow(() ->
                  ProblemException.of(
                      ProblemType.MALFORMED,
                      "kinds must be names of kinds, separated by commas; there is no kind '"
                          + ApiCall.shown(word.strip())
                          + "'")));
    }
    return kinds;
  }
}
