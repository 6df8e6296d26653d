// SPDX-License-Identifier: Apache-2.0
package dev.weir.control;

import dev.weir.control.crash.CrashPoint;
import dev.weir.control.crash.CrashPoints;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/// Counts what is passed, and dies where it is told to.
public final class CrashInjector implements CrashPoints {
  private final NavigableMap<CrashPoint, Integer> passed = new TreeMap<>();
  private final List<Order> orders = new ArrayList<>();
  private final Runnable witness;
  private BiConsumer<CrashPoint, Integer> meddler = (point, pass) -> {};
  private int deaths;

  /// The end of the control plane, through all of its code: nothing there catches an `Error`.
  static final class Death extends Error {
    private static final long serialVersionUID = 1;
    private final transient Runnable meanwhile;

    Death(CrashPoint at, Runnable meanwhile) {
      super("died at " + at);
      this.meanwhile = meanwhile;
    }

    /// What happens to the world while nobody controls it.
    void meanwhile() {
      meanwhile.run();
    }
  }

  private static final class Order {
    private final Predicate<CrashPoint> at;
    private final Runnable meanwhile;
    private int left;

    Order(Predicate<CrashPoint> at, int pass, Runnable meanwhile) {
      this.at = at;
      this.left = pass;
      this.meanwhile = meanwhile;
    }
  }

  /// @param witness sees the world at each snapshot that is handed out
  CrashInjector(Runnable witness) {
    this.witness = witness;
  }

  /// Dies once, at the pass with this number from now on.
  public void dieAt(Predicate<CrashPoint> at, int pass, Runnable meanwhile) {
    orders.add(new Order(at, pass, meanwhile));
  }

  public void dieAt(CrashPoint at, int pass) {
    dieAt(at::equals, pass, () -> {});
  }

  /// Somebody acts in the instant in which a point is passed, on which nobody dies.
  ///
  /// @param other given the point and the number of its pass
  public void meddle(BiConsumer<CrashPoint, Integer> other) {
    meddler = other;
  }

  /// How often each point was passed.
  public NavigableMap<CrashPoint, Integer> passed() {
    return passed;
  }

  /// What was passed before, while the world came to be, is no pass that a death can be ordered at.
  void countFromHere() {
    passed.clear();
  }

  int deaths() {
    return deaths;
  }

  /// How many of the deaths that were ordered did not come.
  public int outstanding() {
    return orders.size();
  }

  @Override
  public void pass(CrashPoint point) {
    meddler.accept(point, passed.merge(point, 1, Integer::sum));
    if (point.equals(CrashPoint.HANDED_OUT)) {
      witness.run();
    }
    // Two deaths that were ordered for the same instant are one.
    List<Order> due =
        orders.stream().filter(order -> order.at.test(point) && --order.left == 0).toList();
    if (!due.isEmpty()) {
      orders.removeAll(due);
      deaths++;
      throw new Death(point, () -> due.forEach(order -> order.meanwhile.run()));
    }
  }
}
