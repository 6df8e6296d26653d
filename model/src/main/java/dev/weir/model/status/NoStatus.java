// SPDX-License-Identifier: Apache-2.0
package dev.weir.model.status;

/// The status of kinds without observed state.
public record NoStatus() {}
