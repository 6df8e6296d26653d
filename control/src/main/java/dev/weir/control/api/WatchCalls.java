// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Access;
import dev.weir.control.access.Action;
import dev.weir.control.access.Caller;
import dev.weir.control.access.Scope;
import dev.weir.control.access.Verdict;
import dev.weir.model.Kind;
import dev.weir.model.Resource;
import dev.weir.store.CompactedException;
import dev.weir.store.Event;
import dev.weir.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Changes as server-sent events: `id` is the revision, `event` is `put` or `delete`, `data` the
/// resource. A client that was cut off goes on with `Last-Event-ID` (or `after`) and misses
/// nothing. While nothing happens a comment goes out, so that a dead connection is noticed.
final class WatchCalls {
  static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final int BATCH = 500;

  private final Store store;
  private final Access access;
  private final Seats seats;

  WatchCalls(Store store, Access access, Seats seats) {
    this.store = store;
    this.access = access;
    this.seats = seats;
  }

  Answer watch(Call call) {
    Set<Kind> kinds = kinds(call.query().getOrDefault("kinds", ""));
    long after = after(call);
    requireKept(after, kinds);
    return new Answer.Stream(seats, out -> run(call.caller(), kinds, after, out));
  }

  private void run(Caller first, Set<Kind> kinds, long from, Answer.Sink out)
      throws IOException, InterruptedException {
    out.write(": watching after " + from + "\n\n");
    long after = from;
    Optional<Caller> caller = Optional.of(first);
    while (caller.isPresent()) {
      // The newest revision is read before the changes: what they then show is whole up to it.
      long newest = store.revision();
      List<Event> events = store.changes(after, kinds, BATCH);
      send(events, caller.get(), out);
      if (events.size() == BATCH) {
        after = events.getLast().revision();
      } else {
        after = Math.max(newest, events.isEmpty() ? after : events.getLast().revision());
        if (store.awaitRevisionAfter(after, HEARTBEAT) <= after) {
          out.write(": heartbeat\n\n");
        }
      }
      caller = still(caller.get());
    }
  }

  private static void send(List<Event> events, Caller caller, Answer.Sink out) throws IOException {
    var text = new StringBuilder();
    for (Event event : events) {
      if (readable(event.resource(), caller)) {
        text.append("id: ").append(event.revision()).append('\n');
        text.append("event: ").append(event.deleted() ? "delete" : "put").append('\n');
        text.append("data: ").append(Json.text(Json.resource(event.resource()))).append("\n\n");
      }
    }
    if (!text.isEmpty()) {
      out.write(text.toString());
    }
  }

  private static boolean readable(Resource resource, Caller caller) {
    return caller.may(Action.READ, Scope.reading(resource.kind(), resource.metadata().namespace()));
  }

  /// A key may be revoked and a role taken away while a watch runs.
  private Optional<Caller> still(Caller caller) {
    return switch (access.again(caller)) {
      case Verdict.Allowed(Caller now) when now.may(Action.READ, Scope.ANYWHERE) ->
          Optional.of(now);
      case Verdict.Allowed _, Verdict.Unauthenticated _, Verdict.Forbidden _ -> Optional.empty();
    };
  }

  private long after(Call call) {
    Optional<String> last = Optional.ofNullable(call.headers().get(Call.LAST_EVENT_ID));
    if (last.isPresent() && !last.get().isBlank()) {
      return Call.number("Last-Event-ID", last.get().strip());
    }
    return call.number("after").orElseGet(store::revision);
  }

  /// Answers 410 while there is still a status to answer with.
  private void requireKept(long after, Set<Kind> kinds) {
    if (after > store.revision()) {
      throw ProblemException.of(
          ProblemType.GONE,
          "revision " + after + " is not of this store's history; list again and watch from there");
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
                          + Call.shown(word.strip())
                          + "'")));
    }
    return kinds;
  }
}
