package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The content of ConfigMaps and Secrets of one namespace, by key, as the API server has it now. */
record NamedData(KubernetesClient client, String namespace) {

    Optional<Map<String, byte[]>> configMap(String name) {
        return Optional.ofNullable(client.configMaps()
                        .inNamespace(namespace)
                        .withName(name)
                        .get())
                .map(NamedData::content);
    }

    Optional<Map<String, byte[]>> secret(String name) {
        return Optional.ofNullable(
                        client.secrets().inNamespace(namespace).withName(name).get())
                .map(NamedData::content);
    }

    private static Map<String, byte[]> content(ConfigMap configMap) {
        Map<String, byte[]> content = decoded(configMap.getBinaryData());
        configMap.getData().forEach((key, text) -> content.put(key, text.getBytes(StandardCharsets.UTF_8)));
        return Collections.unmodifiableMap(content);
    }

    private static Map<String, byte[]> content(Secret secret) {
        return Collections.unmodifiableMap(decoded(secret.getData()));
    }

    private static Map<String, byte[]> decoded(Map<String, String> base64) {
        Map<String, byte[]> content = new HashMap<>();
        base64.forEach((key, text) -> content.put(key, Base64.getDecoder().decode(text)));
        return content;
    }
}
