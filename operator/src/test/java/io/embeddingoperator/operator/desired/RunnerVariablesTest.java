package io.embeddingoperator.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.TemplateVariable;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RunnerVariablesTest {
    @Test
    void connectionsAreOnlyPointedAt() {
        List<EnvVar> variables = variables("{}");

        assertThat(secret(variables, EnvironmentVariable.SOURCE_URI))
                .isEqualTo(new SecretKeySelector("uri", "wiki-db", null));
        assertThat(secret(variables, EnvironmentVariable.SINK_URI))
                .isEqualTo(new SecretKeySelector("uri", "vectors", null));
    }

    @Test
    void theKeyOfAnApiIsOnlyPointedAt() {
        List<EnvVar> variables = variables("""
                spec:
                  embedder:
                    onnx: null
                    openai: {model: text-embedding-3-small, dimensions: 1536, apiKey: {secretKeyRef: {name: openai, key: apiKey}}}
                """);

        assertThat(secret(variables, EnvironmentVariable.OPENAI_API_KEY))
                .isEqualTo(new SecretKeySelector("apiKey", "openai", null));
    }

    @Test
    void aSecretHeaderIsOnlyPointedAt() {
        List<EnvVar> variables = variables("""
                spec:
                  embedder:
                    onnx: null
                    openai:
                      model: m
                      dimensions: 8
                      headers:
                      - {name: x-portkey-provider, value: openai}
                      - {name: X-Portkey-Api-Key, secretKeyRef: {name: portkey, key: apiKey}}
                """);

        assertThat(secret(variables, "EMBEDDING_OPENAI_HEADER_X_PORTKEY_API_KEY"))
                .isEqualTo(new SecretKeySelector("apiKey", "portkey", null));
        assertThat(variables)
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(tuple(EnvironmentVariable.OPENAI_HEADERS_FOLDER, "/etc/embedding-operator-headers"));
        assertThat(variables).extracting(EnvVar::getName).noneMatch(name -> name.contains("PROVIDER"));
    }

    @Test
    void theAuthoritiesOfAProviderAreAFile() {
        assertThat(variables("""
                spec:
                  embedder:
                    onnx: null
                    openai: {model: m, dimensions: 8, server: VLLM, baseUrl: "http://vllm", caBundle: {configMapKeyRef: {name: authorities, key: ca.crt}}}
                """))
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(tuple(EnvironmentVariable.OPENAI_CA_BUNDLE, "/etc/embedding-operator-ca/ca.pem"));
    }

    @Test
    void theTokenOfAHubIsOnlyPointedAt() {
        List<EnvVar> variables = variables("""
                spec:
                  embedder:
                    onnx: {model: {bundled: null, huggingFace: {repository: a/b, token: {secretKeyRef: {name: hub, key: token}}}}}
                """);

        assertThat(secret(variables, EnvironmentVariable.HUB_TOKEN))
                .isEqualTo(new SecretKeySelector("token", "hub", null));
    }

    @Test
    void credentialsOfS3HaveTheNamesThatItsClientsLookFor() {
        List<EnvVar> variables = variables("""
                spec:
                  source:
                    postgres: null
                    s3: {bucket: docs, format: Text, credentials: {secretRef: {name: s3}}}
                """);

        assertThat(secret(variables, "AWS_ACCESS_KEY_ID")).isEqualTo(new SecretKeySelector("accessKeyId", "s3", null));
        assertThat(secret(variables, "AWS_SECRET_ACCESS_KEY"))
                .isEqualTo(new SecretKeySelector("secretAccessKey", "s3", null));
        assertThat(secret(variables, "AWS_SESSION_TOKEN")).isEqualTo(new SecretKeySelector("sessionToken", "s3", true));
    }

    @Test
    void theAuthoritiesOfAStoreAreAFileOfTheirOwn() {
        assertThat(variables("""
                spec:
                  source:
                    postgres: null
                    s3: {bucket: docs, format: Text, caBundle: {configMapKeyRef: {name: authorities, key: ca.crt}}}
                """))
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(tuple(EnvironmentVariable.S3_CA_BUNDLE, "/etc/embedding-operator-s3-ca/ca.pem"));
    }

    @Test
    void aTemplateMayReplaceADefaultAndAddItsOwn() {
        List<EnvVar> variables = variables("""
                spec:
                  template:
                    env:
                    - {name: EMBEDDING_OPERATOR_CACHE, value: /models/cache}
                    - {name: EMBEDDING_RUNNER_JAVA_OPTIONS, value: -Xmx2g}
                """);

        assertThat(variables).extracting(EnvVar::getName).doesNotHaveDuplicates();
        assertThat(variables)
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(
                        tuple(EnvironmentVariable.CACHE_FOLDER, "/models/cache"),
                        tuple("EMBEDDING_RUNNER_JAVA_OPTIONS", "-Xmx2g"),
                        tuple(EnvironmentVariable.LOG_FORMAT, "json"));
    }

    @Test
    void everyVariableOfTheContractIsTheOperatorsOrCheckedByItsValue() throws IllegalAccessException {
        for (Field field : EnvironmentVariable.class.getFields()) {
            String name = (String) field.get(null);
            if (name.equals(EnvironmentVariable.MODEL_REDIRECT_HOSTS)
                    || name.equals(EnvironmentVariable.HUB_ENDPOINT)) {
                // An installation may allow it by its name, or by the address that it holds.
                assertThat(TemplateVariable.isNeverAllowed(name)).isFalse();
                continue;
            }

            assertThat(TemplateVariable.RUNNERS.contains(name))
                    .as(name)
                    .isNotEqualTo(TemplateVariable.isNeverAllowed(name));
        }
    }

    @Test
    void noVariableOfATemplateCanReferToACredential() {
        List<String> names = variables("spec: {template: {env: [{name: TZ, value: UTC}]}}").stream()
                .map(EnvVar::getName)
                .toList();

        assertThat(names).startsWith("TZ").contains(EnvironmentVariable.SINK_URI);
    }

    @Test
    void theNumberOfTheRunIsTheOperatorsAndNotTheNonce() {
        assertThat(variables("""
                        spec: {runNonce: 20261130}
                        status: {run: 7, runNonce: 20261130}
                        """)).extracting(EnvVar::getName, EnvVar::getValue).contains(tuple("EMBEDDING_RUN", "7"));
        assertThat(TemplateVariable.isNeverAllowed("EMBEDDING_RUN")).isTrue();
    }

    @Test
    void whereNativeLibrariesUnpackThemselvesIsNotTheTemplates() {
        assertThat(variables("{}"))
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(tuple("DJL_CACHE_DIR", "/tmp/djl"));
        assertThat(TemplateVariable.isNeverAllowed("DJL_CACHE_DIR")).isTrue();
    }

    private static List<EnvVar> variables(String patch) {
        return RunnerVariables.of(TestingManifest.wiki(patch));
    }

    private static SecretKeySelector secret(List<EnvVar> variables, String name) {
        return variables.stream()
                .filter(variable -> variable.getName().equals(name))
                .filter(variable -> variable.getValue() == null)
                .map(variable -> variable.getValueFrom().getSecretKeyRef())
                .findFirst()
                .orElseThrow();
    }
}
