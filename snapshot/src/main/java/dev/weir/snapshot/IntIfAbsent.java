// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;

/// Reads a whole number that the previous version does not write.
abstract class IntIfAbsent extends ValueDeserializer<Integer> {
  private final int absent;

  private IntIfAbsent(int absent) {
    this.absent = absent;
  }

  @Override
  public Integer deserialize(JsonParser parser, DeserializationContext context) {
    return context.readValue(parser, Integer.class);
  }

  @Override
  public Object getAbsentValue(DeserializationContext context) {
    return absent;
  }

  /// An absent number is 0.
  static final class Zero extends IntIfAbsent {
    Zero() {
      super(0);
    }
  }

  /// An absent grade.
  static final class NotGraded extends IntIfAbsent {
    NotGraded() {
      super(Telemetry.NOT_GRADED);
    }
  }
}
