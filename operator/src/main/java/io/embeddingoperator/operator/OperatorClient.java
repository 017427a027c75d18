package io.embeddingoperator.operator;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.operator.observe.KeptFieldsModule;
import io.embeddingoperator.operator.reconcile.LenientSpecModule;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** The operator's client: what it reads is kept in memory for thousands of objects, so it reads no more than it needs. */
public final class OperatorClient {
    private OperatorClient() {}

    /** A client for the cluster that this process runs in, or that its kubeconfig names. */
    public static KubernetesClient create() {
        return create(Config.autoConfigure(null));
    }

    public static KubernetesClient create(Config config) {
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(config)
                        .withUserAgent("embedding-operator")
                        // Three seconds in all: the SDK tries a reconciliation again, so it need not wait here.
                        .withRequestRetryBackoffLimit(5)
                        .build())
                .withKubernetesSerialization(new KubernetesSerialization(mapper(), true))
                .build();
    }

    private static ObjectMapper mapper() {
        // A field of a newer version of the CRD is passed over, as Kubernetes does: one object must not end a watch.
        ObjectMapper mapper = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        // The managers of its fields take half of the memory of a pod, and the operator does not ask for them.
        mapper.configOverride(ObjectMeta.class)
                .setIgnorals(JsonIgnoreProperties.Value.forIgnoredProperties("managedFields"));
        mapper.registerModule(new LenientSpecModule());
        mapper.registerModule(new KeptFieldsModule());
        return mapper;
    }
}
