package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes what ConfigMap, Secret, downwardAPI and projected volumes hold into a folder, with the kubelet's complaints. */
record VolumeFiles(String volume, Path folder, NamedData data, DownwardApi pod) {
    private static final int READABLE = 0644;
    private static final int FOR_ITS_OWNER = 0600;

    void configMap(String name, List<KeyToPath> items, Integer mode, Boolean optional)
            throws MountFailedException, IOException {
        keys("configmap", "config", name, data.configMap(name), items, mode, optional);
    }

    void secret(String name, List<KeyToPath> items, Integer mode, Boolean optional)
            throws MountFailedException, IOException {
        keys("secret", "secret", name, data.secret(name), items, mode, optional);
    }

    void downwardApi(List<DownwardAPIVolumeFile> files, Integer mode) throws MountFailedException, IOException {
        for (DownwardAPIVolumeFile file : files) {
            String value;
            try {
                value = file.getFieldRef() != null
                        ? pod.field(file.getFieldRef().getFieldPath()).orElse("")
                        : pod.resource(
                                container(file.getResourceFieldRef().getContainerName()), file.getResourceFieldRef());
            } catch (IllegalArgumentException unsupported) {
                throw new MountFailedException(volume, unsupported.getMessage());
            }
            write(file.getPath(), value.getBytes(StandardCharsets.UTF_8), chosen(file.getMode(), mode));
        }
    }

    void projected(VolumeProjection source, Integer mode) throws MountFailedException, IOException {
        if (source.getConfigMap() != null) {
            var configMap = source.getConfigMap();
            configMap(configMap.getName(), configMap.getItems(), mode, configMap.getOptional());
        } else if (source.getSecret() != null) {
            var secret = source.getSecret();
            secret(secret.getName(), secret.getItems(), mode, secret.getOptional());
        } else if (source.getDownwardAPI() != null) {
            downwardApi(source.getDownwardAPI().getItems(), mode);
        } else if (source.getServiceAccountToken() != null) {
            var token = source.getServiceAccountToken();
            token(token.getAudience(), token.getExpirationSeconds(), token.getPath());
        } else {
            throw new MountFailedException(volume, "this node projects no volume source of this kind");
        }
    }

    /** A token lives an hour and is not renewed: longer than any pod here. */
    private void token(String audience, Long seconds, String path) throws MountFailedException, IOException {
        var request = new TokenRequestBuilder()
                .withNewSpec()
                .withAudiences(audience == null ? List.of() : List.of(audience))
                .withExpirationSeconds(seconds)
                .withNewBoundObjectRef(
                        "v1", "Pod", name(), pod.pod().getMetadata().getUid())
                .endSpec()
                .build();
        var account = pod.pod().getSpec().getServiceAccountName();
        var answer = data.client()
                .serviceAccounts()
                .inNamespace(data.namespace())
                .withName(account)
                .tokenRequest(request);
        if (answer == null) {
            throw new MountFailedException(volume, "serviceaccounts \"" + account + "\" not found");
        }
        byte[] token = answer.getStatus().getToken().getBytes(StandardCharsets.UTF_8);
        Path file = FileTree.write(inside(path), token, FOR_ITS_OWNER);
        Optional<Long> user = pod.pod().getSpec().getContainers().stream()
                .map(container -> Privileges.of(pod.pod(), container).user())
                .findFirst();
        if (user.isPresent()) {
            FileTree.giveToUser(file, user.get());
        }
    }

    private void keys(
            String kind,
            String keyKind,
            String name,
            Optional<Map<String, byte[]>> found,
            List<KeyToPath> items,
            Integer mode,
            Boolean optional)
            throws MountFailedException, IOException {
        boolean required = !Boolean.TRUE.equals(optional);
        if (found.isEmpty() && required) {
            throw new MountFailedException(volume, kind + " \"" + name + "\" not found");
        }
        Map<String, byte[]> content = found.orElse(Map.of());
        if (items == null || items.isEmpty()) {
            for (var entry : content.entrySet()) {
                write(entry.getKey(), entry.getValue(), chosen(null, mode));
            }
            return;
        }
        for (KeyToPath item : items) {
            byte[] value = content.get(item.getKey());
            if (value != null) {
                write(item.getPath(), value, chosen(item.getMode(), mode));
            } else if (required) {
                throw new MountFailedException(volume, "references non-existent " + keyKind + " key: " + item.getKey());
            }
        }
    }

    private void write(String path, byte[] content, int mode) throws MountFailedException, IOException {
        FileTree.write(inside(path), content, mode);
    }

    private Path inside(String path) throws MountFailedException {
        Path file = folder.resolve(path).normalize();
        if (!file.startsWith(folder) || file.equals(folder)) {
            throw new MountFailedException(volume, "path \"" + path + "\" leaves the volume");
        }
        return file;
    }

    private Container container(String name) throws MountFailedException {
        return pod.pod().getSpec().getContainers().stream()
                .filter(container -> container.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new MountFailedException(volume, "no container \"" + name + "\" in the pod"));
    }

    private String name() {
        return pod.pod().getMetadata().getName();
    }

    private static int chosen(Integer own, Integer common) {
        if (own != null) {
            return own;
        }
        return common != null ? common : READABLE;
    }
}
