// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.fault;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// The active faults of a server; immutable.
///
/// @param values only values that differ from a healthy server
public record FaultPlan(Map<SimulatedFault, Double> values) {
  /// No faults.
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

  /// This plan with `fault` set to the value in `text`.
  ///
  /// @throws IllegalArgumentException when the value is not a number or out of range
  public FaultPlan with(SimulatedFault fault, String text) {
    Map<SimulatedFault, Double> changed = new EnumMap<>(SimulatedFault.class);
    changed.putAll(values);
    changed.put(fault, fault.parse(text));
    return new FaultPlan(changed);
  }

  /// This plan with settings by their JSON names.
  ///
  /// @throws IllegalArgumentException naming the setting that is unknown or out of range
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

  /// All settings by JSON name, including healthy ones.
  public Map<String, Double> all() {
    Map<String, Double> all = new LinkedHashMap<>();
    for (SimulatedFault fault : SimulatedFault.values()) {
      all.put(fault.jsonName(), get(fault));
    }
    return all;
  }
}
