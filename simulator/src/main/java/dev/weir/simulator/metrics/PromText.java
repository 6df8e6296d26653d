// SPDX-License-Identifier: Apache-2.0
package dev.weir.simulator.metrics;

/// Writes the Prometheus text format like the Python client.
final class PromText {
  private PromText() {}

  static void header(String name, String type, String help, StringBuilder out) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
  }

  static void sample(String name, String labels, double value, StringBuilder out) {
    out.append(name).append('{').append(labels).append("} ").append(number(value)).append('\n');
  }

  static void sample(String name, String labels, long value, StringBuilder out) {
    sample(name, labels, (double) value, out);
  }

  static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? (long) value + ".0" : Double.toString(value);
  }

  static String escape(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
