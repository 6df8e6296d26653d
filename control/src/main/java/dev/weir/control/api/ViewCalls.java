// SPDX-License-Identifier: Apache-2.0
package dev.weir.control.api;

import dev.weir.control.access.AccessScope;
import dev.weir.control.access.Permission;
import dev.weir.control.api.call.ApiCall;
import dev.weir.control.api.call.ApiJson;
import dev.weir.control.api.call.ApiResponse;
import dev.weir.control.observation.Views;
import dev.weir.model.view.ReplicaView;
import dev.weir.model.view.ServiceView;
import dev.weir.model.view.SettingView;
import dev.weir.model.view.StoreView;
import dev.weir.store.AuditHead;
import dev.weir.store.Store;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Observed state, the store, and the settings of this process.
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

  ApiResponse configuration() {
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(settings));
    return ApiResponse.json(200, body);
  }

  ApiResponse replicas(ApiCall call) {
    List<ReplicaView> readable =
        views.replicas().stream()
            .filter(
                r -> call.caller().may(Permission.READ, new AccessScope.Namespace(r.namespace())))
            .toList();
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(readable));
    return ApiResponse.json(200, body);
  }

  ApiResponse gateways(ApiCall call) {
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(views.gateways()));
    return ApiResponse.json(200, body);
  }

  ApiResponse queues() {
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(views.queues()));
    return ApiResponse.json(200, body);
  }

  ApiResponse serving(ApiCall call) {
    List<ServiceView> readable =
        views.serving().stream()
            .filter(
                s -> call.caller().may(Permission.READ, new AccessScope.Namespace(s.namespace())))
            .toList();
    ObjectNode body = ApiJson.object();
    body.set("items", ApiJson.of(readable));
    return ApiResponse.json(200, body);
  }

  ApiResponse store() {
    AuditHead head = store.auditHead();
    StoreView view =
        new StoreView(store.identity(), store.revision(), head.sequence(), head.hash());
    return ApiResponse.json(200, ApiJson.of(List.of(view)).get(0));
  }
}
