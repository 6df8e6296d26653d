// SPDX-License-Identifier: Apache-2.0
package dev.weir.snapshot.metric;

import java.util.List;

/// A label of a metric and the bound on its number of values. Clients cannot choose the value of
/// any label.
///
/// @param values all values; empty if the list is not fixed
/// @param bound description of the bound if `values` is empty
public record Label(String name, List<String> values, String bound) {
  static final Label SERVICE =
      open(
          "service",
          "`namespace/name` of Services; with `version` at most 2,000 pairs, then `other`");
  static final Label VERSION =
      open("version", "`model@version`; removed ten minutes after the last snapshot with it");
  static final Label REPLICA = open("replica", "names of ready replicas, the first 500");
  static final Label ROUTE =
      open("route", "public model names of Routes; at most 2,000, then `other`");

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
