package io.embeddingoperator.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/** A mountain of text to embed, as Kubernetes knows it. */
@Group(ApiVersion.GROUP)
@Version(ApiVersion.VERSION)
@ShortNames("ej")
public class EmbeddingJob extends CustomResource<EmbeddingJobSpec, EmbeddingJobStatus> implements Namespaced {}
