// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.alert;

import dev.weir.model.Rollout;
import dev.weir.model.value.ResourceRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The causes of the newest decisions about rollouts, in words. The evidence of a rollout is read
/// once for each of its revisions, because alerts are evaluated twice a second.
final class DecisionCauses {
  private static final int MAX_ROLLOUTS = 1_000;

  private final Function<Rollout, Optional<String>> reader;
  private final Map<ResourceRef, Known> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ResourceRef, Known> eldest) {
          return size() > MAX_ROLLOUTS;
        }
      };

  private record Known(long revision, Optional<String> cause) {}

  /// @param reader reads the cause from the stored evidence
  DecisionCauses(Function<Rollout, Optional<String>> reader) {
    this.reader = reader;
  }

  synchronized Optional<String> of(Rollout rollout) {
    long revision = rollout.metadata().revision();
    Known last = known.get(rollout.ref());
    if (last == null || last.revision() != revision) {
      last = new Known(revision, reader.apply(rollout));
      known.put(rollout.ref(), last);
    }
    return last.cause();
  }
}
