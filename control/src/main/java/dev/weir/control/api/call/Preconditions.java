// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api.call;

import dev.weir.control.pipeline.Precondition;
import dev.weir.model.value.ResourceRef;
import dev.weir.store.Store;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The headers `If-Match: "<revision>"`, `If-Match: *` and `If-None-Match: *`.
public final class Preconditions {
  private static final Pattern ETAG = Pattern.compile("\"?(\\d{1,18})\"?");

  private Preconditions() {}

  public static Map<String, String> etag(long revision) {
    return Map.of("ETag", "\"" + revision + "\"");
  }

  /// The precondition that the headers of the call state.
  public static Precondition of(ApiCall call) {
    Optional<String> none = Optional.ofNullable(call.headers().get(ApiCall.IF_NONE_MATCH));
    Optional<String> match = Optional.ofNullable(call.headers().get(ApiCall.IF_MATCH));
    if (none.isPresent()) {
      return match.isPresent() || !none.get().strip().equals("*")
          ? new Precondition.Unreadable("If-None-Match is only taken as * and without If-Match")
          : new Precondition.Absent();
    }
    return match.map(Preconditions::ofMatch).orElseGet(Precondition.None::new);
  }

  private static Precondition ofMatch(String header) {
    if (header.strip().equals("*")) {
      return new Precondition.Present();
    }
    Matcher matcher = ETAG.matcher(header.strip());
    return matcher.matches()
        ? new Precondition.AtRevision(Long.parseLong(matcher.group(1)))
        : new Precondition.Unreadable("If-Match is a revision in quotes, as ETag gave it, or *");
  }

  /// Checks the precondition of a command, whose own steps detect later changes.
  ///
  /// @throws ProblemException when the precondition does not hold
  public static void require(ApiCall call, Store store, ResourceRef ref) {
    long current = store.get(ref).map(resource -> resource.metadata().revision()).orElse(0L);
    of(call)
        .refusal(ref, current)
        .ifPresent(refusal -> {
          throw WriteProblems.of(refusal);
        });
  }
}
