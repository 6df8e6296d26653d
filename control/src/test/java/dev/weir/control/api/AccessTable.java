// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.model.spec.RoleBindingSpec.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// Who may call what: written down by itself, not derived from the routes, so that a right that
/// slips in shows. Whoever adds a route adds its line.
final class AccessTable {
  /// What each right is granted by.
  private static final String RIGHTS =
      """
      read        viewer deployer approver admin
      deploy      deployer admin
      override    admin
      administer  admin
      link        gateway
      """;

  /// `right where METHODS path`. The right is one of the above, or `open` (no key is asked for), or
  /// `known` (any good key will do). Where: `there` (in the namespace of the path), `anywhere` (in
  /// some namespace) or `everywhere` (in all of them). A path without `/` in front is below
  /// `/api/v1/namespaces/{namespace}/`; `(a|b)` stands for one line each.
  private static final String ROUTES =
      """
      open        -           GET         /(health|ready|metrics)
      known       -           GET         /api/v1/whoami
      read        anywhere    GET         /api/v1/openapi.json
      read        anywhere    POST        /api/v1/plan
      deploy      anywhere    POST        /api/v1/apply
      read        anywhere    GET         /api/v1/watch
      read        anywhere    GET         /api/v1/replicas
      read        anywhere    GET         /api/v1/(gateways|serving|queues|store)
      read        anywhere    GET         /api/v1/requests/{name}
      read        everywhere  GET         /api/v1/audit
      read        everywhere  GET         /api/v1/audit/verify
      administer  everywhere  POST        /api/v1/audit/acknowledge
      administer  everywhere  POST        /api/v1/backup
      administer  everywhere  GET         /api/v1/configuration
      link        everywhere  GET         /internal/v1/snapshots
      link        everywhere  POST        /internal/v1/(telemetry|answers)

      read        anywhere    GET         /api/v1/targets
      read        anywhere    GET         /api/v1/targets/{name}
      read        anywhere    GET         /api/v1/targets/{name}/history
      administer  everywhere  PUT,DELETE  /api/v1/targets/{name}
      read        anywhere    GET         /api/v1/alerts
      administer  everywhere  POST        /api/v1/alerts/{name}/retry
      administer  everywhere  POST        /api/v1/alertchannels/{name}/test
      read        everywhere  GET         /api/v1/alertchannels
      read        everywhere  GET         /api/v1/alertchannels/{name}
      read        everywhere  GET         /api/v1/alertchannels/{name}/history
      administer  everywhere  PUT,DELETE  /api/v1/alertchannels/{name}
      read        anywhere    GET         /api/v1/policies
      read        anywhere    GET         /api/v1/policies/{name}
      read        anywhere    GET         /api/v1/policies/{name}/history
      administer  everywhere  PUT,DELETE  /api/v1/policies/{name}
      read        everywhere  GET         /api/v1/principals
      read        everywhere  GET         /api/v1/principals/{name}
      read        everywhere  GET         /api/v1/principals/{name}/history
      administer  everywhere  PUT,DELETE  /api/v1/principals/{name}

      read        there       GET         (models|modelversions|services|routes|rollouts)
      read        there       GET         (models|modelversions|services|routes|rollouts)/{name}
      read        there       GET         (models|modelversions|services|routes|rollouts)/{name}/history
      deploy      there       PUT,DELETE  (models|modelversions|services|routes)/{name}
      read        there       GET         (rolebindings|apikeys)
      read        there       GET         (rolebindings|apikeys)/{name}
      read        there       GET         (rolebindings|apikeys)/{name}/history
      administer  there       PUT,DELETE  (rolebindings|apikeys)/{name}
      administer  there       POST        apikeys/{name}/(issue|revoke)
      read        there       GET         services/{name}/advice
      read        there       GET         rollouts/{name}/evidence
      read        there       GET         rollouts/{name}/evidence/replay
      deploy      there       POST        rollouts/{name}/(pause|resume|promote|abort|retry)
      override    there       POST        rollouts/{name}/override
      deploy      there       POST        services/{name}/rollback
      deploy      there       POST        replicas/{name}/(restart|cordon|uncordon|drain)
      deploy      there       GET         replicas/{name}/logs
      read        there       GET         faults
      read        there       GET         faults/{name}
      deploy      there       POST,DELETE faults
      deploy      there       DELETE      faults/{name}
      """;

  private AccessTable() {}

  /// Where the right must be held.
  enum Where {
    NOWHERE,
    THERE,
    ANYWHERE,
    EVERYWHERE
  }

  /// One operation and who may call it.
  ///
  /// @param roles those that hold the right; empty when no role is asked for
  record Row(String method, String path, boolean open, Set<Role> roles, Where where) {
    /// Whether a role held in one namespace will do.
    ///
    /// @param here whether that is the namespace of the path
    boolean allows(Role role, boolean here) {
      return switch (where) {
        case NOWHERE, ANYWHERE -> allowsEverywhere(role);
        case THERE -> here && allowsEverywhere(role);
        case EVERYWHERE -> false;
      };
    }

    boolean allowsEverywhere(Role role) {
      return where == Where.NOWHERE || roles.contains(role);
    }

    /// Whether it names one thing, which may exist or not.
    boolean named() {
      return path.replace("{namespace}", "").contains("{");
    }

    /// Whether a good answer never ends.
    boolean streams() {
      return path.endsWith("/watch") || path.endsWith("/snapshots");
    }

    String key() {
      return method + " " + path;
    }
  }

  /// By `METHOD path`.
  static Map<String, Row> rows() {
    Map<String, Row> rows = new TreeMap<>();
    for (String line : ROUTES.lines().filter(text -> !text.isBlank()).toList()) {
      String[] words = line.split("\\s+", -1);
      for (String method : words[2].split(",", -1)) {
        for (String path : spelledOut(words[3])) {
          Row row = row(words[0], words[1], method, path);
          if (rows.put(row.key(), row) != null) {
            throw new IllegalStateException("appears twice: " + row.key());
          }
        }
      }
    }
    return rows;
  }

  private static Row row(String right, String where, String method, String path) {
    String whole = path.startsWith("/") ? path : "/api/v1/namespaces/{namespace}/" + path;
    Where held = where.equals("-") ? Where.NOWHERE : Where.valueOf(where.toUpperCase(Locale.ROOT));
    Set<Role> roles = held == Where.NOWHERE ? Set.of() : roles(right);
    return new Row(method, whole, right.equals("open"), roles, held);
  }

  static Set<Role> roles(String right) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (String line : RIGHTS.lines().filter(text -> text.startsWith(right + " ")).toList()) {
      String names = line.substring(right.length()).strip();
      for (String name : names.split(" ", -1)) {
        roles.add(Role.valueOf(name.toUpperCase(Locale.ROOT)));
      }
    }
    if (roles.isEmpty()) {
      throw new IllegalStateException("no such right: " + right);
    }
    return roles;
  }

  private static List<String> spelledOut(String path) {
    int from = path.indexOf('(');
    if (from < 0) {
      return List.of(path);
    }
    int to = path.indexOf(')');
    List<String> paths = new ArrayList<>();
    for (String word : path.substring(from + 1, to).split("\\|", -1)) {
      paths.addAll(spelledOut(path.substring(0, from) + word + path.substring(to + 1)));
    }
    return paths;
  }
}
