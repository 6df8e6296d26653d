// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot;

import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;

/// Reads a grade; the previous version does not send one.
final class NotGradedIfAbsent extends ValueDeserializer<Integer> {
  @Override
  public Integer deserialize(JsonParser parser, DeserializationContext context) {
    return context.readValue(parser, Integer.class);
  }

  @Override
  public Object getAbsentValue(DeserializationContext context) {
    return Telemetry.NOT_GRADED;
  }
}
