package io.embeddingoperator.runner.source.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyGlobTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            *.ndjson        | a.ndjson           | true
            *.ndjson        | b/a.ndjson         | false
            **/*.ndjson     | a.ndjson           | true
            **/*.ndjson     | b/c/a.ndjson       | true
            in/**           | in/b/c             | true
            in/**           | out/b              | false
            a**b            | a/x/b              | true
            ?.txt           | é.txt              | true
            ?.txt           | 💡.txt             | true
            a?b             | a/b                | false
            [a-c].txt       | b.txt              | true
            [!a-c].txt      | b.txt              | false
            [!a-c].txt      | d.txt              | true
            a[!x]b          | a/b                | false
            [&&^].txt       | &.txt              | true
            [^a].txt        | b.txt              | false
            *.{gz,zst}      | a.zst              | true
            *.{gz,zst}      | a.zip              | false
            a,b             | a,b                | true
            a\\*b           | a*b                | true
            a\\*b           | axb                | false
            (a+b).$         | (a+b).$            | true
            a//b            | a//b               | true
            **              | in/_SUCCESS        | false
            **              | in/.part.crc       | false
            **              | _delta_log/0.json  | false
            **/_*           | in/_SUCCESS        | true
            _old/*.txt      | _old/a.txt         | true
            _old/*.txt      | _old/_a.txt        | false
            """)
    void matchesWhatAShellsGlobWould(String glob, String key, boolean matches) {
        assertThat(KeyGlob.of(glob).matches(key)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            in/2026/a*.txt | in/2026/a
            in/a.txt       | in/a.txt
            *.txt          | ''
            """)
    void saysWhatEveryKeyBeginsWith(String glob, String fixed) {
        assertThat(KeyGlob.of(glob).fixed()).isEqualTo(fixed);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            a[b     | [ without ]
            a{b     | { without }
            {a,{b}} | { stands within { }
            """)
    void refusesWhatIsNoGlob(String glob, String reason) {
        assertThatThrownBy(() -> KeyGlob.of(glob))
                .hasMessage("spec.source.s3.path is %s, which is no glob: %s", glob, reason);
    }
}
