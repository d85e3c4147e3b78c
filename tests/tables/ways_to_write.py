"""How one could try to write into a snapshot, a statement each: ``df`` is the snapshot, ``out`` what came of it."""

import contextlib

import pandas as pd

PANDAS = """
df.loc[df.index[3], "price"] = 9.0
df.loc[df.index[3]:df.index[5], ["price", "amount"]] = 9.0
df.loc[df["price"] > 71210, "amount"] = np.nan
df.loc[:, "price"] = 1.0
df.loc[:, "deal_id"] = 5
df.loc[:, "side"] = "sell"
df.loc[:, "seen"] = pd.Timestamp("2026-06-01", tz="UTC")
df.loc[df.index[0], "count"] = 4
df.loc[df.index[0], "flag"] = pd.NA
df.loc[df.index[0], "text"] = "other"
df.loc[df.index[2]] = df.iloc[0]
df.loc[pd.Timestamp("2027-01-01", tz="UTC")] = df.iloc[0]
df.iloc[0, df.columns.get_loc("price")] = 9.0
df.iloc[0] = df.iloc[1]
df.iloc[2:4] = df.iloc[5:7].to_numpy()
df.iloc[:, df.columns.get_loc("deal_id")] = 7
df.iloc[[0, 2], [df.columns.get_loc("price"), df.columns.get_loc("amount")]] = [[1.0, 2.0], [3.0, 4.0]]
df.iloc[-1, df.columns.get_loc("received_at")] = pd.NaT
df.at[df.index[0], "price"] = 9.0
df.at[df.index[0], "deal_id"] = 9
df.at[df.index[0], "market"] = "CETUSDT"
df.iat[0, df.columns.get_loc("price")] = 9.0
df.iat[1, df.columns.get_loc("seen")] = pd.Timestamp("2026-06-01", tz="UTC")
df["price"] = 0.0
df["price"] += 1.0
df["deal_id"] -= 1
df["count"] *= 2
df["flag"] |= True
df["text"] += "!"
df["new"] = df["price"] * df["amount"]
df[["price", "amount"]] = df[["amount", "price"]].to_numpy()
df[["price", "amount"]] *= 2
df[df[["price", "amount"]] > 71210] = 0.0
df[2:4] = df[4:6].to_numpy()
df.price = 3.0
df["side"] = df["side"].cat.rename_categories({"buy": "long", "sell": "short"})
df["side"] = df["side"].cat.set_categories(["sell", "buy"])
df["market"] = df["market"].cat.remove_unused_categories()
df["market"] = df["market"].cat.codes
df["seen"] = df["seen"].dt.tz_convert("Asia/Tokyo")
df["seen"] += pd.Timedelta("1s")
df.insert(0, "first", 1)
df.pop("price")
del df["amount"]
df = df[["price", "amount"]]; df *= 2
df = df[["price"]]; df += 1; df -= 2; df /= 3; df **= 2; df //= 1; df %= 5
df = df[["deal_id"]]; df &= 3; df |= 4; df ^= 1
df.mask(df["price"] > 71210, inplace=True)
out = df[["price", "amount"]]; out.mask(lambda f: f > 71210, 0.0, inplace=True)
df.where(df["price"] > 71210, inplace=True)
out = df[["price", "amount"]]; out.where(out > 71210, -1.0, inplace=True)
df.fillna({"amount": 0.0, "count": 0, "flag": False}, inplace=True)
out = df["amount"]; out.fillna(0.0, inplace=True)
df.ffill(inplace=True)
df.bfill(inplace=True)
out = df[["price", "amount"]]; out.interpolate(inplace=True)
df.replace({"price": {71204.5: 0.0}}, inplace=True)
df.replace(0.25, 1.0, inplace=True)
out = df["deal_id"]; out.replace(out.iloc[0], 0, inplace=True)
out = df[["price", "amount"]]; out.clip(0, 3, inplace=True)
out = df["price"]; out.clip(upper=71206.0, inplace=True)
df.update(pd.DataFrame({"price": [1.0]}, index=df.index[:1]))
out = df["price"]; out.update(pd.Series([1.0], index=df.index[:1]))
df.drop(columns="price", inplace=True)
df.drop(index=df.index[0], inplace=True)
df.dropna(inplace=True)
df.drop_duplicates("side", inplace=True)
df.sort_values("price", ascending=False, inplace=True)
df.sort_index(ascending=False, inplace=True)
out = df["price"]; out.sort_values(ascending=False, inplace=True)
out = df["price"]; out.sort_index(ascending=False, inplace=True)
df.rename(columns={"price": "p"}, inplace=True); df["p"] += 1
df.rename_axis("when", inplace=True); df.iloc[0, 3] = 0
df.set_index("deal_id", inplace=True); df.iloc[0, 3] = 0
df.set_index(["market", "deal_id"], inplace=True); df["price"] = 0.0
df.reset_index(inplace=True); df.loc[0, "created_at"] = pd.Timestamp("2026-06-01", tz="UTC")
df.reset_index(inplace=True); df.iloc[:, 0] = pd.NaT
df.reset_index(drop=True, inplace=True); df.loc[0, "price"] = 0.0
df.eval("price = price + amount", inplace=True)
df.query("price > 71210", inplace=True); df["price"] = 0.0
df.columns = [name.upper() for name in df.columns]; df["PRICE"] = 1.0
df.index = range(len(df)); df.loc[0, "price"] = 1.0
df.index.name = "when"; df.columns.name = "what"
df.index += pd.Timedelta("1s")
df.attrs["mine"] = 1; df.flags.allows_duplicate_labels = True
df = df.tail(3); df["price"] += 1; df.iloc[0, 1] = 5
df = df.head(3); df.loc[df.index[0], "price"] = 0.0; df["count"] = 1
df = df.iloc[5:]; df.iloc[0, 3] = 0; df.at[df.index[1], "flag"] = True
df = df.iloc[::-1]; df["price"] = 0.0; df.iloc[0, 0] = "CETUSDT"
df = df.iloc[::2]; df[["price", "amount"]] *= 3; df.iloc[0, 1] = 8
df = df.loc[df.index[2]:]; df.loc[:, "price"] = 0.0
df = df[["price", "deal_id"]]; df["price"] *= 2; df.iloc[0, 1] = 3
df = df.xs(df.index[0], drop_level=False); df.iloc[0] = df.iloc[0]
df = df.select_dtypes("number"); df.iloc[:, 0] = 1
df = df.filter(like="pri"); df += 1
df = df.astype({"price": "float64"}, copy=False); df.iloc[0, 3] = 0
df = df.infer_objects(); df.iloc[0, 3] = 0
df = df.convert_dtypes(); df.loc[df.index[0], "price"] = 0.5
df = df.rename(columns=str.upper); df.iloc[0, 3] = 0; df["DEAL_ID"] += 1
df = df.set_axis(range(len(df)), axis=0); df.iloc[0, 3] = 0
df = df.reindex(columns=["price", "deal_id"]); df.iloc[0, 0] = 0; df.iloc[0, 1] = 0
df = df.reindex(df.index); df.iloc[0, 3] = 0
df = df.assign(price=0.0); df["amount"] -= 1; df.iloc[0, 1] = 1
df = df.pipe(lambda f: f); df["amount"] -= 1
df = df.squeeze(); df.iloc[0, 3] = 0
df = df.truncate(before=df.index[2]); df.iloc[0, 3] = 0
df = df.between_time("00:00", "23:59"); df.iloc[0, 3] = 0
df = df.tz_convert("Asia/Tokyo"); df.iloc[0, 3] = 0
df = df.shift(0); df.iloc[0, 3] = 0
df = df.where(df["price"] > 0); df.iloc[0, 3] = 0
df = df.explode("price"); df.iloc[0, 1] = 0
df = df.copy(deep=False); df.iloc[0, 3] = 0; df["deal_id"] += 1; df.loc[df.index[0], "side"] = "sell"
df = copy.copy(df); df.iloc[0, 3] = 0; df.iloc[0, 1] = 0
df = copy.deepcopy(df); df.iloc[0, 3] = 0
df = pickle.loads(pickle.dumps(df)); df.iloc[0, 3] = 0
df = pd.DataFrame(df); df.iloc[0, 3] = 0; df.iloc[0, 1] = 0
df = pd.DataFrame(df, copy=False); df.iloc[0, 3] = 0
df = pd.DataFrame({"a": df["price"], "b": df["deal_id"]}, copy=False); df.iloc[0] = 0
df = pd.concat([df, df]); df.iloc[0, 3] = 0
df = pd.concat([df]); df.iloc[0, 3] = 0; df.iloc[0, 1] = 0
df = pd.concat([df["price"], df["amount"]], axis=1); df.iloc[0] = 0
df = pd.merge(df, df[["deal_id"]], on="deal_id"); df.loc[0, "price"] = 0.0
df = df.join(df["price"].rename("p2")); df.iloc[0, 3] = 0; df["p2"] = 0.0
df = df[["price", "amount"]].T; df.iloc[0, 0] = 5.0; df *= 2
df = df[["price", "amount"]].stack(); df.iloc[0] = 5.0
df = df.melt(value_vars=["price", "amount"]); df.loc[0, "value"] = 0.0
df["price"] = df.groupby("market", observed=True)["price"].transform("cumsum")
df = df.groupby("market", observed=True).get_group("BTCUSDT"); df.iloc[0, 3] = 0
df = list(df.groupby("market", observed=True))[0][1]; df["price"] = 0.0
df = df.groupby("market", observed=True).head(2); df.iloc[0, 3] = 0
df = next(iter(df[["price", "amount"]].rolling(3))); df.iloc[0, 0] = 0
out = df["price"].resample("1s").ohlc(); out.iloc[0] = 0
out = df["price"]; out[:] = 0.0
out = df["price"]; out.iloc[0] = 5.0
out = df["price"]; out.iloc[1:3] = [5.0, 6.0]
out = df["price"]; out.loc[df.index[0]] = 5.0
out = df["price"]; out.at[df.index[0]] = 5.0
out = df["price"]; out.iat[0] = 5.0
out = df["price"]; out += 1; out *= 2; out -= 3; out /= 4
out = df["price"]; out.mask(out > 71210, inplace=True)
out = df["price"]; out.where(out > 71210, 0.0, inplace=True)
out = df["price"]; out.drop(df.index[0], inplace=True); out.iloc[0] = 0
out = df["price"]; out.rename("p", inplace=True); out.iloc[0] = 0
out = df["price"]; out.pop(df.index[0]); out.iloc[0] = 0
out = df["price"].reset_index(drop=True); out[0] = 0.0
out = df["price"].tail(3); out.iloc[0] = 0.0
out = df["price"].rename("p"); out.iloc[0] = 0.0
out = df["price"].astype("float64", copy=False); out.iloc[0] = 0.0
out = df["price"].copy(deep=False); out.iloc[0] = 0.0
out = df["price"].to_frame(); out.iloc[0] = 0.0
out = df["price"].infer_objects(); out.iloc[0] = 0.0
out = pd.Series(df["price"]); out.iloc[0] = 0.0
out = pd.Series(df["price"].array); out.iloc[0] = 0.0
out = pd.Series(df["price"].to_numpy()); out.iloc[0] = 0.0
out = pd.Series(df["count"].array); out.iloc[0] = 0
out = pd.Series(df["side"].array); out.iloc[0] = "sell"
out = pd.Series(df["seen"].array); out.iloc[0] = pd.NaT
out = pd.DataFrame(df[["price", "amount"]].to_numpy()); out.iloc[0] = 0.0
out = df["deal_id"]; out.iloc[0] = 1
out = df["side"]; out.iloc[0] = "sell"; out[2:4] = "buy"
out = df["side"].cat.as_ordered(); out.iloc[0] = "sell"
out = df["side"].cat.rename_categories(["a", "b"]); out.iloc[0] = "b"
out = df["side"].cat.reorder_categories(["sell", "buy"]); out.iloc[0] = "sell"
out = df["side"].cat.add_categories("none"); out.iloc[0] = "none"
out = df["side"].cat.codes; out.iloc[0] = 1; out += 1
out = df["market"]; out.iloc[0] = "ETHUSDT"; out.iloc[1] = np.nan
out = df["seen"]; out.iloc[0] = pd.Timestamp("2026-06-01", tz="UTC")
out = df["seen"].dt.tz_convert("Asia/Tokyo"); out.iloc[0] = pd.Timestamp("2026-06-01", tz="Asia/Tokyo")
out = df["seen"].dt.tz_localize(None); out.iloc[0] = pd.Timestamp("2026-06-01")
out = df["seen"].dt.as_unit("ms"); out.iloc[0] = pd.Timestamp("2026-06-01", tz="UTC")
out = df["seen"].dt.floor("ms"); out.iloc[0] = pd.Timestamp("2026-06-01", tz="UTC")
out = df["seen"].dt.year; out.iloc[0] = 1
out = df["seen"].astype("int64"); out.iloc[0] = 1
out = df["seen"].astype("datetime64[ms, Asia/Tokyo]"); out.iloc[0] = pd.NaT
out = df["until"]; out.iloc[0] = pd.NaT
out = df["count"]; out.iloc[0] = pd.NA; out.iloc[1] = 5; out += 1
out = df["count"].astype("Int64", copy=False); out.iloc[0] = 5
out = df["flag"]; out.iloc[0] = pd.NA; out[:] = True
out = ~df["flag"]; out.iloc[0] = pd.NA
out = df["flag"].isna(); out.iloc[0] = True
out = df["text"]; out.iloc[0] = "other"
out = df["text"].str.upper(); out.iloc[0] = "other"
out = df.index.to_series(); out.iloc[0] = pd.NaT
out = df.index.to_frame(); out.iloc[0, 0] = pd.NaT
out = df.index.to_frame(index=False); out.iloc[0, 0] = pd.NaT
out = pd.Series(df.index); out.iloc[0] = pd.NaT
out = pd.Series(df.index.array); out.iloc[0] = pd.NaT
out = pd.DataFrame({"a": df.index}); out.iloc[0, 0] = pd.NaT
out = df.index.tz_localize(None).to_series(); out.iloc[0] = pd.NaT
out = df.index.tz_convert("Asia/Tokyo").to_series(); out.iloc[0] = pd.NaT
out = pd.Series(df.index.asi8); out.iloc[0] = 0
out = df.stack(); out.iloc[0] = 0
out = df.iloc[0]; out["price"] = 5.0
out = df[["price", "amount"]].iloc[0]; out["price"] = 5.0
out = df[["price", "amount"]].iloc[0]; out[:] = 5.0
out = df.loc[df.index[0]]; out["price"] = 5.0
out = [row for _, row in df[["price", "amount"]].iterrows()][0]; out["price"] = 5.0
out = [s for _, s in df.items()][3]; out.iloc[0] = 5.0
out = df.to_dict("list"); out["price"][0] = 5.0; out = pd.Series(out["price"])
out = pd.DataFrame(df.to_dict("series")); out.iloc[0, 3] = 5.0
"""
"""Ways of pandas: each must do to a snapshot what it does to any other frame."""

RAW = """
df["price"].values[0] = 5.0
df["price"].to_numpy()[0] = 5.0
df["price"].to_numpy(copy=False)[0] = 5.0
df["price"].array[0] = 5.0
df["deal_id"].values[0] = 5
df["deal_id"].array[:] = 5
df["count"].array[0] = 5
df["count"].array[0] = pd.NA
df["count"].array._data[0] = 5
df["count"].array._mask[0] = True
df["count"].values[0] = 5
df["flag"].array[0] = True
df["flag"].array._data[0] = True
df["side"].array[0] = "sell"
df["side"].values[0] = "sell"
df["side"].values.codes[0] = 1
df["side"].cat.codes.values[0] = 1
df["market"].array[:] = "ETHUSDT"
df["market"].array._codes[0] = 2
df["seen"].array[0] = pd.NaT
df["seen"].values[0] = 0
df["seen"].array._ndarray[0] = 0
df["seen"].array.asi8[0] = 0
df["seen"].dt.tz_localize(None).values[0] = 0
df["text"].array[0] = "other"
df["text"].values[0] = "other"
df["text"].to_numpy()[0] = "other"
df.values[0, 0] = 5
df[["price", "amount"]].values[0, 0] = 5.0
df[["price", "amount"]].values[:] = 5.0
df[["price", "amount"]].to_numpy(copy=False)[0, 0] = 5.0
df[["price", "amount"]].T.values[0, 0] = 5.0
np.asarray(df[["price", "amount"]])[0, 0] = 5.0
np.asarray(df["price"])[0] = 5.0
np.array(df["price"], copy=None)[0] = 5.0
np.asarray(df["count"].array)[0] = 5
np.asarray(df.index)[0] = 0
df.index.values[0] = 0
df.index.array[0] = pd.NaT
df.index.asi8[0] = 0
df.index._data._ndarray[0] = 0
df.index[0] = pd.NaT
df.columns.values[0] = "other"
df.columns[0] = "other"
np.add(df["price"].values, 1, out=df["price"].values)
np.add(df["price"], 1, out=df["price"].to_numpy())
np.multiply(df["price"].values, 2, out=df["price"].values)
np.copyto(df["price"].values, 0.0)
np.copyto(df["deal_id"].to_numpy(), 0)
np.put(df["price"].values, [0], [5.0])
np.place(df["price"].values, df["price"].values > 0, [0.0])
np.putmask(df["price"].values, df["price"].values > 0, 0.0)
np.fill_diagonal(df[["price", "amount"]].values, 0.0)
np.nan_to_num(df["amount"].values, copy=False)
np.random.default_rng(0).shuffle(df["price"].values)
df["price"].values.sort()
df["price"].values[::-1].sort()
df["price"].values.fill(0.0)
df["price"].values.partition(3)
df["price"].values.byteswap(inplace=True)
df["price"].values.resize(1)
df["price"].values.view("int64")[0] = 0
df["price"].values.reshape(-1, 1)[0] = 0.0
df["price"].values[5:][0] = 0.0
df["price"].values.flat[0] = 0.0
df["price"].values.ravel()[0] = 0.0
df["price"].values.T[0] = 0.0
memoryview(df["price"].values)[0] = 0.0
memoryview(df["price"].values).cast("B")[0] = 0
memoryview(df["deal_id"].values)[0] = 0
np.frombuffer(df["price"].values, dtype="int64")[0] = 0
np.lib.stride_tricks.as_strided(df["price"].values, (200,), (8,))[0] = 0.0
np.lib.stride_tricks.sliding_window_view(df["price"].values, 3, writeable=True)[0, 0] = 0.0
np.ndarray((3,), buffer=df["price"].values)[0] = 0.0
np.from_dlpack(df["price"].values)[0] = 0.0
a = df["price"].values; a.flags.writeable = True; a[0] = 5.0
a = df["price"].to_numpy(); a.setflags(write=True); a[0] = 5.0
a = df["deal_id"].values; a.flags.writeable = True; a[0] = 5
a = df["count"].array._data; a.flags.writeable = True; a[0] = 5
a = df["side"].array._codes; a.flags.writeable = True; a[0] = 1
a = df["seen"].array._ndarray; a.flags.writeable = True; a[0] = 0
a = df["text"].values; a.flags.writeable = True; a[0] = "other"
a = df.index.values; a.flags.writeable = True; a[0] = 0
a = df[["price", "amount"]].values; a.flags.writeable = True; a[:] = 0.0
a = df["price"].values.base; a.flags.writeable = True; a[:] = 0.0
a = df._mgr.blocks[0].values; a.flags.writeable = True; a[:] = 0
df._mgr.blocks[-1].values[0, 0] = 5.0
with np.nditer(df["price"].values, op_flags=["readwrite"]) as a: a[0] = 0.0
import io; io.BytesIO(bytes(800)).readinto(df["price"].values)
import struct; struct.pack_into("d", df["price"].values, 0, 5.0)
"""
"""Ways around pandas: each raises, or changes a copy of its own."""


def columns_are_frozen():
    """Return whether pandas keeps the columns that frames share from being written: 3.1 does, 3.0 does not."""
    columns = pd.Index(["price"])
    with contextlib.suppress(ValueError):
        columns.values[0] = "other"
    return "price" == columns[0]


if not columns_are_frozen():
    RAW = RAW.replace('df.columns.values[0] = "other"\n', "")


def ways(text):
    """Return the statements in a text."""
    return [line for line in text.splitlines() if line]
