// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.model.Resource;
import dev.weir.model.ResourceRef;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// Everything that a person or a policy would want to answer for. Each becomes one commit with one
/// audit entry.
public sealed interface Change {
  /// The audit entry's `action`.
  String action();

  /// Creates or changes what the user owns: spec, labels, annotations. Status is kept.
  record Apply(Resource resource, OptionalLong expectedRevision) implements Change {
    @Override
    public String action() {
      return "apply";
    }
  }

  /// Several applies that belong together: all or nothing, one audit entry that lists them.
  record ApplyAll(List<Apply> applies) implements Change {
    public ApplyAll {
      applies = List.copyOf(applies);
    }

    @Override
    public String action() {
      return "apply";
    }
  }

  /// Refused while something depends on it.
  record Delete(ResourceRef ref, OptionalLong expectedRevision) implements Change {
    @Override
    public String action() {
      return "delete";
    }
  }

  /// A Service's status moves on without a rollout, for example its first version becomes stable.
  record ServiceProgress(Service service, long expectedRevision) implements Change {
    @Override
    public String action() {
      return "service.progress";
    }
  }

  /// Several Services' statuses move on together: all or none, with one audit entry.
  record ServicesProgress(List<ServiceProgress> services) implements Change {
    public ServicesProgress {
      services = List.copyOf(services);
    }

    @Override
    public String action() {
      return "service.progress";
    }
  }

  /// One replica of a Service is ordered about, or such an order has come to its end; only the
  /// orders of the Service's status change.
  ///
  /// @param replica its name; the audit entry is about it
  record OrderReplica(
      Service service, long expectedRevision, String replica, OrderReplica.Verb verb)
      implements Change {
    /// What is done about it.
    public enum Verb {
      CORDON,
      UNCORDON,
      DRAIN,
      RESTART,
      /// By Weir: a new process is Ready.
      RESTARTED,
      /// By Weir: the replica is gone for good.
      FORGOTTEN
    }

    @Override
    public String action() {
      return "replica." + verb.name().toLowerCase(Locale.ROOT);
    }
  }

  /// Faults are injected at a Service, cleared, or over; only the faults of its status change.
  ///
  /// @param names of those; the audit entry is about them
  record ChangeFaults(
      Service service, long expectedRevision, List<String> names, ChangeFaults.Verb verb)
      implements Change {
    public ChangeFaults {
      names = List.copyOf(names);
    }

    /// What is done about them.
    public enum Verb {
      INJECT,
      CLEAR,
      /// By Weir: their time is up.
      OVER
    }

    @Override
    public String action() {
      return "fault." + verb.name().toLowerCase(Locale.ROOT);
    }
  }

  /// A Rollout is born and its Service points at it.
  record StartRollout(Rollout rollout, Service service, long expectedServiceRevision)
      implements Change {
    @Override
    public String action() {
      return "rollout.start";
    }
  }

  /// A Rollout goes from one stored state to the next; with it, at most, its Service's status.
  record TransitionRollout(
      Rollout rollout,
      long expectedRevision,
      List<Service> service,
      OptionalLong expectedServiceRevision)
      implements Change {
    public TransitionRollout {
      service = List.copyOf(service);
    }

    @Override
    public String action() {
      return "rollout.transition";
    }
  }
}
