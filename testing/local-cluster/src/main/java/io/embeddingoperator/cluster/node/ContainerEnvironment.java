package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Resolves a container's variables as the kubelet does, with its messages for what is missing. */
record ContainerEnvironment(NamedData data, DownwardApi pod) {
    private static final String SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /**
     * All variables of the container's process.
     *
     * @param node what the node gives to every container, beneath the container's own
     */
    Map<String, String> resolve(Container container, ProcessImage image, Map<String, String> node)
            throws NotStartedException {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", SEARCH_PATH);
        variables.put("HOME", "/");
        variables.put("HOSTNAME", pod.pod().getMetadata().getName());
        image.env()
                .forEach((name, value) ->
                        variables.put(name, VariableReferences.expand(value, Map.of("POD_IP", pod.address()))));
        variables.putAll(node);

        Map<String, String> own = new LinkedHashMap<>();
        for (EnvFromSource source : container.getEnvFrom()) {
            own.putAll(all(source));
        }
        for (EnvVar variable : container.getEnv()) {
            Optional<String> value = value(variable, container, own, node);
            if (value.isPresent()) {
                own.put(variable.getName(), value.get());
            }
        }
        variables.putAll(own);
        return variables;
    }

    private Map<String, String> all(EnvFromSource source) throws NotStartedException {
        String prefix = Optional.ofNullable(source.getPrefix()).orElse("");
        Map<String, String> variables = new LinkedHashMap<>();
        Map<String, byte[]> content = Map.of();
        if (source.getConfigMapRef() != null) {
            var reference = source.getConfigMapRef();
            content = present(
                    data.configMap(reference.getName()), reference.getOptional(), "configmap", reference.getName());
        } else if (source.getSecretRef() != null) {
            var reference = source.getSecretRef();
            content = present(data.secret(reference.getName()), reference.getOptional(), "secret", reference.getName());
        }
        content.forEach((key, value) -> variables.put(prefix + key, text(value)));
        return variables;
    }

    private Optional<String> value(
            EnvVar variable, Container container, Map<String, String> before, Map<String, String> node)
            throws NotStartedException {
        EnvVarSource source = variable.getValueFrom();
        if (source == null) {
            Map<String, String> known = new LinkedHashMap<>(node);
            known.putAll(before);
            return Optional.of(VariableReferences.expand(
                    Optional.ofNullable(variable.getValue()).orElse(""), known));
        }
        if (source.getSecretKeyRef() != null) {
            var reference = source.getSecretKeyRef();
            var content =
                    present(data.secret(reference.getName()), reference.getOptional(), "secret", reference.getName());
            return key(content, reference.getKey(), reference.getOptional(), "Secret", reference.getName());
        }
        if (source.getConfigMapKeyRef() != null) {
            var reference = source.getConfigMapKeyRef();
            var content = present(
                    data.configMap(reference.getName()), reference.getOptional(), "configmap", reference.getName());
            return key(content, reference.getKey(), reference.getOptional(), "ConfigMap", reference.getName());
        }
        try {
            return source.getFieldRef() != null
                    ? Optional.of(pod.field(source.getFieldRef().getFieldPath()).orElse(""))
                    : Optional.of(pod.resource(container, source.getResourceFieldRef()));
        } catch (IllegalArgumentException unsupported) {
            throw NotStartedException.config(unsupported.getMessage());
        }
    }

    private static Map<String, byte[]> present(
            Optional<Map<String, byte[]>> content, Boolean optional, String kind, String name)
            throws NotStartedException {
        if (content.isEmpty() && !Boolean.TRUE.equals(optional)) {
            throw NotStartedException.config(kind + " \"" + name + "\" not found");
        }
        return content.orElse(Map.of());
    }

    private Optional<String> key(Map<String, byte[]> content, String key, Boolean optional, String kind, String name)
            throws NotStartedException {
        if (!content.containsKey(key) && !Boolean.TRUE.equals(optional)) {
            throw NotStartedException.config(
                    "couldn't find key " + key + " in " + kind + " " + data.namespace() + "/" + name);
        }
        return Optional.ofNullable(content.get(key)).map(ContainerEnvironment::text);
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
    }
}
