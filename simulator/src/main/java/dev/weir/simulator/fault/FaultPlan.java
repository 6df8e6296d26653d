// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.fault;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// What is wrong with a server now; immutable.
///
/// @param values only what differs from a healthy server
public record FaultPlan(Map<SimulatedFault, Double> values) {
  /// Nothing is wrong.
  public static final FaultPlan NONE = new FaultPlan(Map.of());

  public FaultPlan {
    values = Map.copyOf(values);
  }

  public double get(SimulatedFault fault) {
    return values.getOrDefault(fault, fault.healthy());
  }

  public boolean on(SimulatedFault fault) {
    return get(fault) != 0;
  }

  public int whole(SimulatedFault fault) {
    return (int) get(fault);
  }

  /// This plan with `fault` set to what `text` says.
  ///
  /// @throws IllegalArgumentException when it is no number or out of bounds
  public FaultPlan with(SimulatedFault fault, String text) {
    Map<SimulatedFault, Double> changed = new EnumMap<>(SimulatedFault.class);
    changed.putAll(values);
    changed.put(fault, fault.parse(text));
    return new FaultPlan(changed);
  }

  /// This plan with settings by their JSON names.
  ///
  /// @throws IllegalArgumentException naming what is unknown or out of bounds
  public FaultPlan with(Map<String, String> settings) {
    FaultPlan plan = this;
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      plan = plan.with(byJsonName(setting.getKey()), setting.getValue());
    }
    return plan;
  }

  private static SimulatedFault byJsonName(String name) {
    for (SimulatedFault fault : SimulatedFault.values()) {
      if (fault.jsonName().equals(name)) {
        return fault;
      }
    }
    String known =
        Arrays.stream(SimulatedFault.values())
            .map(SimulatedFault::jsonName)
            .collect(Collectors.joining(", "));
    throw new IllegalArgumentException("unknown fault '" + name + "'; known: " + known);
  }

  /// All settings by JSON name, healthy ones included.
  public Map<String, Double> all() {
    Map<String, Double> all = new LinkedHashMap<>();
    for (SimulatedFault fault : SimulatedFault.values()) {
      all.put(fault.jsonName(), get(fault));
    }
    return all;
  }
}
