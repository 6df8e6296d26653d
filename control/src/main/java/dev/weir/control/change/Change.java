// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.change;

import dev.weir.model.Resource;
import dev.weir.model.Rollout;
import dev.weir.model.Service;
import dev.weir.model.value.ResourceRef;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// A change of stored state that needs an audit trail. Each change becomes one commit with one
/// audit entry.
public sealed interface Change {
  /// The `action` of the audit entry.
  String action();

  /// Creates or changes the part of a resource that belongs to the user: spec, labels, annotations.
  /// The status does not change.
  record Apply(Resource resource, OptionalLong expectedRevision) implements Change {
    @Override
    public String action() {
      return "apply";
    }
  }

  /// Several applies in one commit: all or none, with one audit entry that lists them.
  record ApplyAll(List<Apply> applies) implements Change {
    public ApplyAll {
      applies = List.copyOf(applies);
    }

    @Override
    public String action() {
      return "apply";
    }
  }

  /// Deletes a resource. Refused while another resource depends on it.
  record Delete(ResourceRef ref, OptionalLong expectedRevision) implements Change {
    @Override
    public String action() {
      return "delete";
    }
  }

  /// Changes the status of a Service without a rollout, for example when its first version becomes
  /// stable.
  record ServiceProgress(Service service, long expectedRevision) implements Change {
    @Override
    public String action() {
      return "service.progress";
    }
  }

  /// Changes the status of several Services: all or none, with one audit entry.
  record ServicesProgress(List<ServiceProgress> services) implements Change {
    public ServicesProgress {
      services = List.copyOf(services);
    }

    @Override
    public String action() {
      return "service.progress";
    }
  }

  /// Adds an operator's order for one replica or removes a finished one. Only the orders in the
  /// status of the Service change.
  ///
  /// @param replica name of the replica; the subject of the audit entry
  record OrderReplica(
      Service service, long expectedRevision, String replica, OrderReplica.Verb verb)
      implements Change {
    /// The kind of change.
    public enum Verb {
      CORDON,
      UNCORDON,
      DRAIN,
      RESTART,
      /// By Weir: a new process is Ready.
      RESTARTED,
      /// By Weir: the replica no longer exists.
      FORGOTTEN
    }

    @Override
    public String action() {
      return "replica." + verb.name().toLowerCase(Locale.ROOT);
    }
  }

  /// Injects faults into a Service or removes them. Only the faults in its status change.
  ///
  /// @param names of the faults; the subject of the audit entry
  record ChangeFaults(
      Service service, long expectedRevision, List<String> names, ChangeFaults.Verb verb)
      implements Change {
    public ChangeFaults {
      names = List.copyOf(names);
    }

    /// The kind of change.
    public enum Verb {
      INJECT,
      CLEAR,
      /// By Weir: the faults have expired.
      OVER
    }

    @Override
    public String action() {
      return "fault." + verb.name().toLowerCase(Locale.ROOT);
    }
  }

  /// Creates a Rollout and sets the reference of its Service.
  record StartRollout(Rollout rollout, Service service, long expectedServiceRevision)
      implements Change {
    @Override
    public String action() {
      return "rollout.start";
    }
  }

  /// Moves a Rollout to its next state, optionally with the status of its Service.
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
