// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import java.util.List;

/// A label of a metric, and why it takes no more than so many values. Nothing that a client can
/// choose is a label.
///
/// @param values all that it takes; empty when that is no list in this file
/// @param bound what bounds it instead
public record Label(String name, List<String> values, String bound) {
  static final Label SERVICE =
      open(
          "service",
          "`namespace/name` of Services; with `version` 2,000 pairs at most, then `other`");
  static final Label VERSION =
      open("version", "`model@version`; leaves ten minutes after the last snapshot with it");
  static final Label REPLICA = open("replica", "names of ready replicas, the first 500");
  static final Label ROUTE =
      open("route", "public model names of Routes; 2,000 at most, then `other`");

  public Label {
    values = List.copyOf(values);
  }

  static Label of(String name, String... values) {
    return new Label(name, List.of(values), "");
  }

  static Label open(String name, String bound) {
    return new Label(name, List.of(), bound);
  }

  boolean takes(String value) {
    return values.isEmpty() || values.contains(value);
  }
}
