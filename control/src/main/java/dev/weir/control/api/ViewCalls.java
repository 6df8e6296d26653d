// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.Action;
import dev.weir.control.access.Scope;
import dev.weir.model.ReplicaView;
import dev.weir.model.ServiceView;
import dev.weir.model.SettingView;
import dev.weir.model.StoreView;
import dev.weir.store.AuditHead;
import dev.weir.store.Store;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// What is observed, the store, and the settings of this process.
final class ViewCalls {
  private final Store store;
  private final Views views;
  private final List<SettingView> settings;

  /// @param settings of this process
  ViewCalls(Store store, Views views, List<SettingView> settings) {
    this.store = store;
    this.views = views;
    this.settings = List.copyOf(settings);
  }

  Answer configuration() {
    ObjectNode body = Json.object();
    body.set("items", Json.of(settings));
    return Answer.json(200, body);
  }

  Answer replicas(Call call) {
    List<ReplicaView> readable =
        views.replicas().stream()
            .filter(r -> call.caller().may(Action.READ, new Scope.Namespace(r.namespace())))
            .toList();
    ObjectNode body = Json.object();
    body.set("items", Json.of(readable));
    return Answer.json(200, body);
  }

  Answer gateways(Call call) {
    ObjectNode body = Json.object();
    body.set("items", Json.of(views.gateways()));
    return Answer.json(200, body);
  }

  Answer queues() {
    ObjectNode body = Json.object();
    body.set("items", Json.of(views.queues()));
    return Answer.json(200, body);
  }

  Answer serving(Call call) {
    List<ServiceView> readable =
        views.serving().stream()
            .filter(s -> call.caller().may(Action.READ, new Scope.Namespace(s.namespace())))
            .toList();
    ObjectNode body = Json.object();
    body.set("items", Json.of(readable));
    return Answer.json(200, body);
  }

  Answer store() {
    AuditHead head = store.auditHead();
    StoreView view =
        new StoreView(store.identity(), store.revision(), head.sequence(), head.hash());
    return Answer.json(200, Json.of(List.of(view)).get(0));
  }
}
