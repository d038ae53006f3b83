// What a connection string means, and what is wrong with one.
import { describe, expect, test } from "vitest"
import { addressText, parseAddress } from "../../../kernel/src/engine/spark/address.js"

describe("an address", () => {
  test("has a host, a port and parameters; unknown ones go along as metadata", () => {
    const found = parseAddress("sc://spark.example:443/;use_ssl=true;user_id=ann%20b;token=s%3Bt;x-team=blue")
    expect(found).toMatchObject({
      host: "spark.example",
      port: 443,
      tls: true,
      userId: "ann b",
      token: "s;t",
    })
    expect(found.headers).toEqual({ "x-team": "blue" })
    expect(parseAddress("sc://localhost")).toMatchObject({ host: "localhost", port: 15002, tls: false })
    expect(parseAddress("sc://[::1]:7/")).toMatchObject({ host: "::1", port: 7 })
    expect(parseAddress("sc://h/;grpc_max_message_size=1000").maxMessageBytes).toBe(1000)
  })
  test("a token means TLS, but for this machine", () => {
    expect(parseAddress("sc://spark.example/;token=t").tls).toBe(true)
    expect(parseAddress("sc://127.0.0.1:1/;token=t").tls).toBe(false)
    expect(parseAddress("sc://127.0.0.1:1/;token=t;use_ssl=true").tls).toBe(true)
    expect(() => parseAddress("sc://spark.example/;token=t;use_ssl=false")).toThrow(
      /`use_ssl` is false beside a token/,
    )
  })
  test.each([
    ["http://x", /Write it as sc:\/\/host:15002/],
    ["sc://h:0", /`port` is `0`/],
    ["sc://h:15002;token=t", /Parameters follow/],
    ["sc://h/;tokn=t", /Did you mean `token`/],
    ["sc://h/;use_ssl=yes", /`use_ssl` is `yes`/],
    ["sc://h/;session_id=7", /must be a UUID/],
    ["sc://h/;a", /name=value/],
    ["sc://h/;user_id=%zz", /%25/],
    ["sc://h/;grpc_max_message_size=big", /a number of bytes/],
  ])("%s is refused", (uri, message) => {
    expect(() => parseAddress(uri)).toThrow(message)
  })
  test("no message holds a token", () => {
    expect(addressText(parseAddress("sc://h:1/;token=secret"))).toBe("sc://h:1")
    expect(() => parseAddress("sc://h:1;token=secret")).toThrow(expect.not.stringContaining("secret"))
  })
})
