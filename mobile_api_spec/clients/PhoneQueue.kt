/**
 * A phone's queue in small, for Android: keeps visits and tokens in a file, and sends until the server has answered
 * for each. Only what Android has of its own (java.net, org.json); call it from a background thread, such as a Worker.
 *
 *     val phone = PhoneQueue("https://yefang.example", File(context.filesDir, "queue.json"))
 *     phone.signIn("13800000003", password)
 *     phone.keep(visit)      // a visit without its id
 *     phone.send()           // one run; after Later the next one is due in phone.againInS(later)
 *
 * sync.md says why each step is as it is.
 */
package org.yefang.sample

import java.io.File
import java.io.FileOutputStream
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.net.URLEncoder
import java.util.UUID
import kotlin.math.max
import kotlin.math.min
import kotlin.random.Random
import org.json.JSONArray
import org.json.JSONException
import org.json.JSONObject

private val DONE = setOf("recorded", "duplicate")
private val TO_MEND = setOf("invalid", "conflict") // any other status, also one that is not known: send it again
private const val BATCH = 100
private const val LEAST_WAIT_S = 5.0
private const val MOST_WAIT_S = 300.0
private const val TIMEOUT_MS = 60_000

/** Nothing is known of what was sent: send it again, unchanged. `seconds`: the server wants so long a wait. */
class Later(val seconds: Double = 0.0) : Exception()

/** Ask for the password again; what waits stays. */
class SignedOut : Exception()

class PhoneQueue(url: String, private val file: File) {
    private val url = url.trimEnd('/')

    /** On disk before anything is said or sent; the members are those of phone_queue.py. */
    private val state: JSONObject =
        if (file.exists()) JSONObject(file.readText())
        else JSONObject()
            .put("device_id", "sample-" + UUID.randomUUID())
            .put("waiting", JSONArray())
            .put("to_mend", JSONArray())
            .put("failures", 0)

    /** Written, forced to disk, and only then in the place of the old one. */
    private fun store() {
        val new = File(file.path + ".new")
        FileOutputStream(new).use { out ->
            out.write(state.toString().toByteArray())
            out.fd.sync()
        }
        if (!new.renameTo(file)) throw IOException("cannot store the queue")
    }

    fun signIn(username: String, password: String) {
        store()
        val deviceId = state.getString("device_id")
        token("grant_type" to "password", "username" to username, "password" to password, "device_id" to deviceId)
    }

    fun keep(visit: JSONObject) {
        if (!visit.has("id")) visit.put("id", UUID.randomUUID().toString())
        state.getJSONArray("waiting").put(JSONObject().put("person", state.opt("person")).put("check_in", visit))
        store()
    }

    /** Oldest first. Throws `Later` or `SignedOut` with everything that was not answered for still waiting. */
    fun send() {
        var left = list("waiting").filter { it.opt("person") == state.opt("person") }
        var size = BATCH
        while (left.isNotEmpty()) {
            val batch = left.take(size)
            val body = JSONObject()
                .put("check_ins", JSONArray(batch.map { it.getJSONObject("check_in") }))
                .put("waiting", left.size - batch.size)
            val answer = signedIn("/v1/check-ins/batch", body)
            if (answer == null && batch.size > 1) { // too large
                size = batch.size / 2
                continue
            }
            val results = answer?.getJSONArray("results") ?: JSONArray(listOf(JSONObject().put("status", "invalid")))
            batch.forEachIndexed { index, kept -> answered(kept, results.getJSONObject(index)) }
            state.put("failures", 0)
            store()
            left = left.drop(batch.size)
        }
    }

    private fun answered(kept: JSONObject, result: JSONObject) {
        val status = result.getString("status")
        if (status in DONE + TO_MEND) state.put("waiting", JSONArray(list("waiting").filter { it !== kept }))
        if (status in TO_MEND) state.getJSONArray("to_mend").put(kept.put("problem", result.opt("problem")))
    }

    /** After a run that failed: what the server wants, else longer each time, and not all phones at once. */
    fun againInS(later: Later): Double {
        val failures = state.getInt("failures") + 1
        state.put("failures", failures)
        store()
        val wait = min(LEAST_WAIT_S * (1L shl min(failures - 1, 10)), MOST_WAIT_S)
        return max(later.seconds, wait) * (1 + Random.nextDouble() / 2)
    }

    private fun list(name: String): List<JSONObject> =
        state.getJSONArray(name).let { all -> List(all.length()) { all.getJSONObject(it) } }

    /** With a refresh at the first 401. Null: the body was too large. */
    private fun signedIn(path: String, body: JSONObject): JSONObject? {
        for (last in listOf(false, true)) {
            val tokens = state.optJSONObject("tokens") ?: throw SignedOut()
            val headers = mapOf(
                "Authorization" to "Bearer " + tokens.getString("access_token"),
                "Content-Type" to "application/json",
            )
            val (status, answer) = post(path, body.toString(), headers)
            when {
                status == 200 -> return answer
                status == 413 -> return null
                status != 401 -> throw Later()
                last -> throw SignedOut()
            }
            token("grant_type" to "refresh_token", "refresh_token" to tokens.getString("refresh_token"))
        }
        return null
    }

    /** A reply that is lost throws `Later`: the same refresh token is sent again, and is still good. */
    private fun token(vararg form: Pair<String, String>) {
        val body = form.joinToString("&") { (name, value) -> name + "=" + URLEncoder.encode(value, "UTF-8") }
        val headers = mapOf("Content-Type" to "application/x-www-form-urlencoded")
        val (status, answer) = post("/v1/auth/token", body, headers)
        if (status == 401) {
            state.remove("tokens")
            store()
            throw SignedOut()
        }
        if (status != 200 || answer == null) throw Later()
        state.put("tokens", answer).put("person", answer.getJSONObject("person").getString("id"))
        store()
    }

    /** Status and JSON. Throws `Later` where there is no answer, and where the answer says so. */
    private fun post(path: String, body: String, headers: Map<String, String>): Pair<Int, JSONObject?> {
        val line = URL(url + path).openConnection() as HttpURLConnection
        try {
            line.requestMethod = "POST"
            line.connectTimeout = TIMEOUT_MS
            line.readTimeout = TIMEOUT_MS
            line.doOutput = true
            headers.forEach(line::setRequestProperty)
            val bytes = body.toByteArray()
            line.setFixedLengthStreamingMode(bytes.size) // else a torn line makes it post again by itself, at once
            line.outputStream.use { it.write(bytes) }
            val status = line.responseCode
            val passes = status == 408 || status == 429 || status >= 500
            if (passes) throw Later(line.getHeaderField("Retry-After")?.toDoubleOrNull() ?: 0.0)
            if (status !in 200..299) return status to null
            return status to JSONObject(line.inputStream.bufferedReader().readText())
        } catch (broken: IOException) {
            throw Later()
        } catch (foreign: JSONException) { // somebody between the phone and the server has answered
            throw Later()
        } finally {
            line.disconnect()
        }
    }
}
