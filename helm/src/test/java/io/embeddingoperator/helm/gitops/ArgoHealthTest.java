package io.embeddingoperator.helm.gitops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import party.iroiro.luajava.Lua;
import party.iroiro.luajava.LuaException;
import party.iroiro.luajava.lua51.Lua51;
import party.iroiro.luajava.value.LuaValue;

class ArgoHealthTest {
    private static final String SCRIPT = Statuses.text(Statuses.ARGO_CD.resolve("health.lua"));

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("expectations")
    void saysWhatTheConditionsMean(String input, String status, String message) {
        JsonNode job = Statuses.read(Statuses.ARGO_CD.resolve(input));

        Map<?, LuaValue> health = evaluate(SCRIPT, job);

        assertThat(health.get("status")).hasToString(status);
        assertThat(health.get("message")).hasToString(message);
    }

    @Test
    void isTriedOnEveryStatus() {
        assertThat(expectations().map(expectation -> expectation.get()[0]))
                .containsExactlyInAnyOrderElementsOf(Statuses.names().stream()
                        .map(name -> "testdata/" + name + ".yaml")
                        .toList());
    }

    @Test
    void standsInTheConfigMapToTheLetter() {
        JsonNode data =
                Statuses.read(Statuses.ARGO_CD.resolve("argocd-cm.yaml")).path("data");

        assertThat(data.path("resource.customizations.health.embedding-operator.io_EmbeddingJob")
                        .textValue())
                .isEqualTo(SCRIPT);
    }

    @Test
    void runsWithoutTheLibrariesThatArgoWithholds() {
        JsonNode job = Statuses.named("healthy");

        assertThatThrownBy(() -> evaluate("return {status = string.upper('x')}", job))
                .isInstanceOf(LuaException.class)
                .hasMessageContaining("string");
    }

    static Stream<Arguments> expectations() {
        return Statuses.read(Statuses.ARGO_CD.resolve("health_test.yaml"))
                .path("tests")
                .valueStream()
                .map(test -> Arguments.of(
                        test.path("inputPath").textValue(),
                        test.at("/healthStatus/status").textValue(),
                        test.at("/healthStatus/message").textValue()));
    }

    /** As Argo CD evaluates it: Lua 5.1, the object as {@code obj}, and no library but the basic one and tables. */
    private static Map<?, LuaValue> evaluate(String script, JsonNode job) {
        try (Lua lua = new Lua51()) {
            lua.openLibrary("table");
            lua.push(Statuses.asMap(job), Lua.Conversion.FULL);
            lua.setGlobal("obj");
            LuaValue[] returned = lua.eval(script);
            assertThat(returned).hasSize(1);
            return Map.of(
                    "status", returned[0].get("status"),
                    "message", returned[0].get("message"));
        }
    }
}
