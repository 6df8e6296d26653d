// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

/// Text that a regular expression may read only a limited number of times. A pattern with excessive
/// backtracking stops at the same step on every machine.
final class BudgetedText implements CharSequence {
  private final CharSequence text;
  private final Budget meter;

  /// The remaining character reads.
  static final class Budget {
    private long left;

    Budget(long reads) {
      left = reads;
    }
  }

  /// The budget is used up.
  static final class BudgetExhausted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BudgetExhausted() {
      super("a pattern takes too many steps", null, false, false);
    }
  }

  BudgetedText(CharSequence text, Budget meter) {
    this.text = text;
    this.meter = meter;
  }

  @Override
  public char charAt(int index) {
    if (--meter.left < 0) {
      throw new BudgetExhausted();
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.subSequence(start, end);
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
