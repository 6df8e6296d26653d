// SPDX-License-Identifier: Apache-2.0
package dev.weir.model;

/// The status of kinds that have nothing to observe.
public record NoStatus() {}
