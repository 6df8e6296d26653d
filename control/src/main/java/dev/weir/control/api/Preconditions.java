// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.ResourceRef;
import dev.weir.store.Commit;
import dev.weir.store.Store;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `If-Match: "<revision>"` (or `*`: it must exist) and `If-None-Match: *` (it must not).
final class Preconditions {
  private static final Pattern ETAG = Pattern.compile("\"?(\\d{1,18})\"?");

  private Preconditions() {}

  static Map<String, String> etag(long revision) {
    return Map.of("ETag", "\"" + revision + "\"");
  }

  /// The revision that the resource must have, 0 = none, empty = any.
  static OptionalLong expected(ApiCall call, Store store, ResourceRef ref) {
    Optional<String> none = Optional.ofNullable(call.headers().get(ApiCall.IF_NONE_MATCH));
    Optional<String> match = Optional.ofNullable(call.headers().get(ApiCall.IF_MATCH));
    if (none.isPresent()) {
      if (match.isPresent() || !none.get().strip().equals("*")) {
        throw ProblemException.of(
            ProblemType.MALFORMED, "If-None-Match is only taken as * and without If-Match");
      }
      return OptionalLong.of(0);
    }
    if (match.isEmpty()) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(
        match.get().strip().equals("*") ? existing(store, ref) : revision(match.get()));
  }

  /// Whether the call says anything of a revision.
  static boolean given(ApiCall call) {
    return call.headers().containsKey(ApiCall.IF_MATCH)
        || call.headers().containsKey(ApiCall.IF_NONE_MATCH);
  }

  /// Checks at once; for commands whose own steps guard what follows.
  static void require(ApiCall call, Store store, ResourceRef ref) {
    OptionalLong expected = expected(call, store, ref);
    long current = revisionOf(store, ref);
    if (expected.isPresent() && expected.getAsLong() != current) {
      throw failed(new Commit.Conflict(ref, expected.getAsLong(), current));
    }
  }

  /// 412 with `currentRevision`.
  static ProblemException failed(Commit.Conflict conflict) {
    String now =
        conflict.currentRevision() == 0
            ? "does not exist"
            : "has revision " + conflict.currentRevision();
    String expected =
        conflict.expectedRevision() == 0
            ? "it was expected not to exist"
            : "revision " + conflict.expectedRevision() + " was expected";
    return ProblemException.of(
            ProblemType.PRECONDITION_FAILED,
            conflict.ref() + " " + now + ", " + expected + "; look at it again and repeat")
        .with("currentRevision", conflict.currentRevision());
  }

  private static long existing(Store store, ResourceRef ref) {
    long current = revisionOf(store, ref);
    if (current == 0) {
      throw ProblemException.of(ProblemType.PRECONDITION_FAILED, ref + " does not exist")
          .with("currentRevision", 0);
    }
    return current;
  }

  private static long revisionOf(Store store, ResourceRef ref) {
    return store.get(ref).map(r -> r.metadata().revision()).orElse(0L);
  }

  private static long revision(String etag) {
    Matcher matcher = ETAG.matcher(etag.strip());
    if (!matcher.matches()) {
      throw ProblemException.of(
          ProblemType.MALFORMED, "If-Match is a revision in quotes, as ETag gave it, or *");
    }
    return Long.parseLong(matcher.group(1));
  }
}
