// SPDX-License-Identifier: Apache-2.0
package dev.weir.gateway.recording;

/// Text that a regular expression can look at only so often: one that would go back and forth in it
/// for ever is stopped, by the same step on every machine.
final class BudgetedText implements CharSequence {
  private final CharSequence text;
  private final Budget meter;

  /// What is left of the looks.
  static final class Budget {
    private long left;

    Budget(long looks) {
      left = looks;
    }
  }

  /// The looks are used up.
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
