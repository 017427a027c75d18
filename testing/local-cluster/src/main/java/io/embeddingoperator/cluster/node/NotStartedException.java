package io.embeddingoperator.cluster.node;

import java.util.Objects;

/** Why a container cannot start yet, in the kubelet's words: the reason and message of its waiting state. */
final class NotStartedException extends Exception {
    private final String reason;
    private final String image;

    NotStartedException(String reason, String message) {
        this(reason, message, "");
    }

    private NotStartedException(String reason, String message, String image) {
        super(Objects.requireNonNull(message));
        this.reason = Objects.requireNonNull(reason);
        this.image = image;
    }

    /** An image, the container's or one that is mounted into it, is not to be had now and may be later. */
    static NotStartedException pull(String image, String message) {
        return new NotStartedException("ErrImagePull", message, image);
    }

    /** The container's settings cannot be resolved: a Secret or ConfigMap that they name is missing, or lacks the key. */
    static NotStartedException config(String message) {
        return new NotStartedException("CreateContainerConfigError", message);
    }

    /** The image that could not be pulled; empty when something else is missing. */
    String image() {
        return image;
    }

    ContainerState.Waiting waiting() {
        return new ContainerState.Waiting(reason, getMessage());
    }
}
